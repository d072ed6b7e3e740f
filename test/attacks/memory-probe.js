// Preloaded into a server that is attacked. On SIGUSR2 it collects garbage and writes what is left, in bytes.
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** What belongs to a collected object outside of the heap is freed a little later, and may free more. */
const BETWEEN_COLLECTIONS_MS = 50;
const COLLECTIONS = 3;

process.on('SIGUSR2', async () => {
  for (let i = 0; i < COLLECTIONS; i++) {
    collectGarbage();
    await delay(BETWEEN_COLLECTIONS_MS);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const memory = { rss, held: heapUsed + external, peakRss: process.resourceUsage().maxRSS * 1_024 };
  process.stdout.write(`${JSON.stringify({ msg: 'memory', ...memory })}\n`);
});
