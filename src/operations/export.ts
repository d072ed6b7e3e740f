import { loadDatabase } from '../config.ts';
import { runCommand } from '../lib/command.ts';
import { exportMessages } from '../storage/message-export.ts';
import { withDatabase } from './database.ts';
import { FORMATS } from './exporting/formats.ts';
import { type ExportOptions, readOptions } from './exporting/options.ts';
import { type Output, openOutput, ReaderGone } from './exporting/output.ts';
import { messagesOf, Progress } from './exporting/progress.ts';

async function write(options: ExportOptions, databaseUrl: string, output: Output, progress: Progress) {
  const { header, message } = FORMATS[options.format];
  // With the first batch: a database that cannot be reached leaves not even that.
  let before = header;
  const onEstimate = (messages: number) => progress.expect(messages);
  for await (const batch of exportMessages(databaseUrl, options.range, onEstimate)) {
    await output.write(before + batch.map(message).join(''));
    before = '';
    progress.add(batch.length);
  }
  await output.complete();
}

/** `npm run export`: the messages of some time, as a stream of data. */
async function exportToOutput(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const progress = new Progress(options.out === null);
  await using output = await openOutput(options.out);
  try {
    await withDatabase(loadDatabase(), (url) => write(options, url, output, progress));
  } finally {
    progress.end();
  }
  const place = options.out === null ? '' : ` to ${options.out}`;
  process.stderr.write(`exported ${messagesOf(progress.count)}${place}\n`);
}

await runCommand(async () => {
  try {
    await exportToOutput();
  } catch (error) {
    // It has all that it wanted.
    if (!(error instanceof ReaderGone)) throw error;
  }
});
// A database that does not answer, or a reader who takes nothing any more, would keep a process that was interrupted.
if (process.exitCode === 1) process.exit();
