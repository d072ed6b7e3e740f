import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLineOf, isAlive } from './process.ts';

/** A server process that is up, or on its way up or down. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/**
 * The server that works on this data folder, found by the lock file that it keeps there.
 * @see https://www.postgresql.org/docs/current/storage-file-layout.html (postmaster.pid)
 */
export async function runningPostmaster(data: string): Promise<Postmaster | undefined> {
  const file = join(data, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const startedIn = lines[1] ?? '';
  const port = Number(lines[3]);
  if (!(pid > 0) || startedIn === '' || !(port > 0)) return undefined;
  const command = await commandLineOf(pid);
  // A dead process' file is replaced by the next server; the file of a corpse that nobody has collected is not.
  if (command === '' && !isAlive(pid)) return undefined;
  if (command.includes(startedIn) && !(await isElsewhere(startedIn, data))) return { pid, port };
  // After a crash of the machine the number may be another program's, and PostgreSQL then refuses to start. Should a
  // server be there nevertheless, then its shared memory keeps a second one from the data.
  await rm(file, { force: true });
  return undefined;
}

/** Somebody copied the whole folder while its server was running: that server works on the original. */
async function isElsewhere(startedIn: string, data: string): Promise<boolean> {
  const original = await realpath(startedIn).catch(() => undefined);
  return original !== undefined && original !== (await realpath(data));
}
