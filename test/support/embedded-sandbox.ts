import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/storage/embedded/start.ts';
import { postgresBinDirectory } from './environment.ts';
import { eventually } from './eventually.ts';
import { scratchRoot } from './scratch-root.ts';

const OWNER = join(import.meta.dirname, 'embedded-owner.ts');
const REGISTER = join(import.meta.dirname, 'register-typescript.js');

/** Another process that has an embedded PostgreSQL. */
export interface Owner {
  readonly process: ChildProcess;
  /** Rejects, with what the process complained about, when it ends before its server is up. */
  readonly url: Promise<string>;
}

const servers: EmbeddedPostgres[] = [];
const owners: ChildProcess[] = [];
const folders: string[] = [];

/** A folder that every user can pass through, as the usual checkout is. */
export async function freshDirectory(mode = 0o711): Promise<string> {
  const folder = await mkdtemp(join(await scratchRoot(), 'parley-embedded-'));
  folders.push(folder);
  await chmod(folder, mode);
  return folder;
}

let original: Promise<string> | undefined;

/** A directory with a database that has been started and stopped once: a copy, as initdb takes most of a second. */
export async function usedDirectory(): Promise<string> {
  original ??= createOriginal();
  const copy = await freshDirectory();
  spawnSync('cp', ['-a', homeIn(await original), copy]);
  return copy;
}

async function createOriginal(): Promise<string> {
  const folder = await freshDirectory();
  await (await start(folder)).stop();
  folders.splice(folders.indexOf(folder), 1);
  return folder;
}

/** Have it removed with the rest; its server, should one be left, stopped. */
export function sweepLater(folder: string): void {
  folders.push(folder);
}

export async function start(
  directory: string,
  more: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const binDirectory = postgresBinDirectory();
  const server = await startEmbeddedPostgres({
    directory,
    settings: { fsync: 'off' },
    ...(binDirectory === undefined ? {} : { binDirectory }),
    ...more,
  });
  servers.push(server);
  return server;
}

/** Starts one from a process of its own, in a process group of its own. */
export function startInAnotherProcess(directory: string): Owner {
  const child = spawn(
    process.execPath,
    ['--import', REGISTER, OWNER, directory, ...[postgresBinDirectory() ?? []].flat()],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  owners.push(child);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  const url = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(message as string));
    child.once('close', (code) => reject(new Error(`the other process ended with ${code}: ${complaint}`)));
  });
  url.catch(() => {}); // not every test waits for it
  return { process: child, url };
}

export async function killHard(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export const homeIn = (directory: string) => join(directory, 'postgres');

export async function postmasterPid(home: string): Promise<number> {
  return Number((await readFile(join(home, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

export async function removeOriginal(): Promise<void> {
  if (original !== undefined) await rm(await original, { recursive: true, force: true });
}

/** Nothing of a test survives it, however it ended. */
export async function sweep(): Promise<void> {
  for (const child of owners.splice(0))
    if (child.exitCode === null && child.signalCode === null) await killHard(child);
  for (const server of servers.splice(0)) await server.stop().catch(() => {});
  for (const folder of folders.splice(0)) {
    const pid = await postmasterPid(homeIn(folder)).catch(() => 0);
    if (pid > 0) await eventually(() => !kill(pid, 'SIGQUIT'));
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** A process number that nobody has. */
export async function deadPid(): Promise<number> {
  const child = spawn('true', { cwd: dirname(OWNER) });
  await once(child, 'exit');
  return child.pid as number;
}
