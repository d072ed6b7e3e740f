import { fstatSync, writeFile } from 'node:fs';
import { promisify } from 'node:util';
import { NewFile } from './new-file.ts';

/** Where an export goes. Disposed before it is complete, it is taken back as far as that goes. */
export interface Output extends AsyncDisposable {
  /** Resolves when it can take more: nothing waits in memory for a slow reader. */
  write(text: string): Promise<void>;
  /** Nothing more comes. */
  complete(): Promise<void>;
}

/** Whoever read the standard output has gone, as `head` does when it has enough. */
export class ReaderGone extends Error {}

/** @param path of a file that is to be made, or `null` for the standard output */
export async function openOutput(path: string | null): Promise<Output> {
  if (path !== null) return NewFile.open(path);
  return {
    // Node.js' own stream for files takes a piece of what was written for all of it, where the disk gets full.
    write: fstatSync(STDOUT).isFile() ? writeToFile : writeToPipe,
    async complete() {},
    async [Symbol.asyncDispose]() {},
  };
}

const STDOUT = 1;
const writeWhole = promisify(writeFile);

async function writeToFile(text: string): Promise<void> {
  await writeWhole(STDOUT, text).catch((error: Error) => {
    throw new Error(`The standard output cannot be written: ${error.message}.`, { cause: error });
  });
}

function writeToPipe(text: string): Promise<void> {
  const { stdout } = process;
  return new Promise((resolve, reject) => {
    // Without a listener a failure would end the process, though the callback has it too.
    if (stdout.listenerCount('error') === 0) stdout.on('error', () => {});
    stdout.write(text, (error) => {
      if (!error) resolve();
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') reject(new ReaderGone());
      else reject(error);
    });
  });
}
