// What is pushed to subscribers costs CPU and time: Parley's beside bare servers'.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../src/lib/command.ts';
import { measurePush } from './push/measure.ts';
import { readOptions } from './push/options.ts';
import { describePush } from './push/report.ts';
import { checkFileDescriptors } from './sockets/file-descriptors.ts';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.parts.includes('idle')) checkFileDescriptors(options.idleSockets);
  await mkdir(RESULTS, { recursive: true });
  const results = await measurePush(options);
  const json = JSON.stringify(
    { at: new Date().toISOString(), node: process.version, options, ...results },
    null,
    2,
  );
  await writeFile(`${RESULTS}push.json`, json);
  process.stdout.write(options.json ? `${json}\n` : describePush(options, results));
});
