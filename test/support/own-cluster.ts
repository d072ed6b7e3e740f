import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { launch } from '../../src/storage/embedded/launch.ts';
import { runningPostmaster } from '../../src/storage/embedded/postmaster.ts';
import { commandLineOf } from '../../src/storage/embedded/process.ts';
import type { Settings } from '../../src/storage/embedded/settings.ts';
import { settle } from '../../src/storage/embedded/settle.ts';
import { dataIn, type Site } from '../../src/storage/embedded/site.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { watchOver } from './caretaker.ts';
import { onDatabase } from './database-url.ts';
import { homeIn, postmasterPid } from './embedded-sandbox.ts';
import { postgresBinDirectory } from './environment.ts';
import { eventually } from './eventually.ts';
import { scratchRoot } from './scratch-root.ts';

/** A PostgreSQL of one test's own, that it may break. */
export interface OwnCluster extends AsyncDisposable {
  /** Of the migrated database; stays the same when the server is started again. */
  readonly url: string;
  /** Where its home is. */
  readonly directory: string;
  /** Straight to that database, as a superuser. */
  readonly pool: pg.Pool;
  /** Kills the server and all its processes, as lack of memory would. @returns how many, once they are gone. */
  kill(): Promise<number>;
  /** Starts it again from what the killed one has left. Resolves when it has recovered and takes connections. */
  restart(): Promise<void>;
}

export interface OwnClusterOptions {
  /** For postgresql.conf. */
  readonly settings?: Settings;
  /** The folder for the tables of the migrated database, where that is not the server's own. */
  readonly tablesIn?: string;
}

/** A killed process loses nothing that it has given to the system, so only a crash of the machine would need fsync. */
const SETTINGS = { fsync: 'off' };
const DATABASE = 'own';
/** With what the killed server has left behind: its log to replay, its shared memory. */
const UP_WITHIN_MS = 20_000;

export async function startOwnCluster({ settings, tablesIn }: OwnClusterOptions = {}): Promise<OwnCluster> {
  const directory = await mkdtemp(join(await scratchRoot(), 'parley-own-'));
  await chmod(directory, 0o711); // as root, the server's user has to get in
  const caretaker = watchOver(directory);
  const binDirectory = postgresBinDirectory();
  const options = {
    directory,
    settings: { ...SETTINGS, ...settings },
    ...(binDirectory === undefined ? {} : { binDirectory }),
  };
  let server: EmbeddedPostgres;
  let url: string;
  let running = true;
  try {
    server = await startEmbeddedPostgres(options);
    url = await createDatabase(server.url, tablesIn);
  } catch (error) {
    await caretaker[Symbol.asyncDispose]();
    throw error;
  }
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  return {
    url,
    directory,
    pool,
    async kill() {
      running = false;
      return killServer(directory);
    },
    async restart() {
      await startServer(directory, options.settings);
      running = true;
      // Its port may have been taken.
      await pool.query('SELECT 1');
    },
    async [Symbol.asyncDispose]() {
      try {
        await pool.end();
        // The number in it may be another program's by now, which would be ended in its place.
        if (!running) await rm(join(homeIn(directory), 'data', 'postmaster.pid'), { force: true });
        await server.stop();
      } finally {
        await caretaker[Symbol.asyncDispose]();
      }
    },
  };
}

/** Kills the server in a folder, with all its processes. @returns how many, once they are gone. */
export async function killServer(directory: string): Promise<number> {
  return killAll(await postmasterPid(homeIn(directory)));
}

/** Starts the server in a folder that holds its data. Resolves when it takes connections. */
export async function startServer(directory: string, settings: Settings): Promise<Site> {
  const site = await settle(directory, postgresBinDirectory(), () => {});
  // A corpse that nobody has collected would pass for a running server: this takes its lock file away.
  await runningPostmaster(dataIn(site.home));
  await eventually(async () => (await launch(site, settings)) === 'up', { withinMs: UP_WITHIN_MS });
  return site;
}

async function createDatabase(adminUrl: string, tablesIn: string | undefined): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    if (tablesIn !== undefined)
      await admin.query(`CREATE TABLESPACE elsewhere LOCATION ${admin.escapeLiteral(tablesIn)}`);
    await admin.query(
      `CREATE DATABASE ${DATABASE} ${tablesIn === undefined ? '' : 'TABLESPACE elsewhere'} STRATEGY file_copy`,
    );
  } finally {
    await admin.end();
  }
  const url = onDatabase(adminUrl, DATABASE);
  await applyMigrations(url);
  return url;
}

async function killAll(postmaster: number): Promise<number> {
  // Stopped, it makes no more processes while its present ones are looked up.
  process.kill(postmaster, 'SIGSTOP');
  const processes = [postmaster, ...childrenOf(postmaster)];
  for (const pid of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await eventually(async () =>
    (await Promise.all(processes.map(commandLineOf))).every((line) => line === ''),
  );
  return processes.length;
}

/** Each is in a session of its own, so they cannot be killed as a group. */
function childrenOf(parent: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([ppid, pid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}
