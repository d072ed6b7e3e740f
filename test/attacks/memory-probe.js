// Preloaded into a server that is attacked. On SIGUSR2 it collects garbage and writes what is left, in bytes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const memory = { rss, held: heapUsed + external, peakRss: process.resourceUsage().maxRSS * 1_024 };
  process.stdout.write(`${JSON.stringify({ msg: 'memory', ...memory })}\n`);
});
