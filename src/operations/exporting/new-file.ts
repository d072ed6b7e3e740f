import { randomUUID } from 'node:crypto';
import { access, type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import type { Output } from './output.ts';

/** Other people's messages: for whoever exports them, until they decide otherwise. */
const MODE = 0o600;

/** A file that appears under its name when it is whole, or not at all. */
export class NewFile implements Output {
  private constructor(
    private readonly path: string,
    private readonly draft: string,
    private readonly handle: FileHandle,
  ) {}

  /** @throws one line: it is there already, or cannot be made there */
  static async open(path: string): Promise<NewFile> {
    if (await exists(path)) throw taken(path);
    const draft = `${path}.${randomUUID()}.part`;
    return new NewFile(path, draft, await explaining(path, open(draft, 'wx', MODE)));
  }

  async write(text: string): Promise<void> {
    await explaining(this.path, this.handle.writeFile(text));
  }

  async complete(): Promise<void> {
    // Else a crash of the machine could leave the name without all of its content.
    await explaining(this.path, this.handle.sync());
    await explaining(this.path, publish(this.draft, this.path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.draft, { force: true });
    await this.handle.close();
  }
}

/** `link`, because `rename` would replace a file that has got this name meanwhile. */
async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A file system without links, as of a memory stick.
    if ((code !== 'EPERM' && code !== 'ENOTSUP') || (await exists(path))) throw error;
    await rename(draft, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function taken(path: string, cause?: unknown): Error {
  return new Error(
    `${path} is there already; --out takes a new file, and leaves those that are there alone.`,
    { cause },
  );
}

async function explaining<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(path, error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new Error(
        `The disk of ${path} is full: nothing of the export is left there. Free some space, or name another place.`,
        { cause: error },
      );
    throw new Error(`--out cannot be written: ${message}.`, { cause: error });
  }
}
