import { loadDataDirectory, loadDirectUrl } from '../config.ts';
import { runCommand } from '../lib/command.ts';
import { interruption } from '../lib/interruption.ts';
import { runningDatabase } from '../storage/embedded/running.ts';
import { exportMessages } from '../storage/message-export.ts';
import { FORMATS } from './exporting/formats.ts';
import { type ExportOptions, readOptions } from './exporting/options.ts';
import { type Output, openOutput, ReaderGone } from './exporting/output.ts';
import { messagesOf, Progress } from './exporting/progress.ts';

/** The database that is set, or the embedded one while a server runs it. */
async function findDatabase(): Promise<string> {
  const directory = loadDataDirectory();
  const url = loadDirectUrl() ?? (await runningDatabase(directory));
  if (url !== null) return url;
  throw new Error(
    `DATABASE_URL is missing, and no embedded database is running in ${directory}: set DATABASE_URL, or start the server there first.`,
  );
}

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
  const databaseUrl = await findDatabase();
  const interrupted = interruption();
  const progress = new Progress(options.out === null);
  await using output = await openOutput(options.out);
  try {
    await Promise.race([write(options, databaseUrl, output, progress), interrupted]);
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
