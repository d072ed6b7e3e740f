import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { serverAccount } from '../../src/storage/embedded/account.ts';
import { shutDown } from '../../src/storage/embedded/launch.ts';
import { writeOwnedFile } from '../../src/storage/embedded/owned-file.ts';
import { rememberedPort, type Settings } from '../../src/storage/embedded/settings.ts';
import { dataIn, type Site } from '../../src/storage/embedded/site.ts';
import { watchOver } from './caretaker.ts';
import { homeIn } from './embedded-sandbox.ts';
import { eventually } from './eventually.ts';
import { killServer, type OwnCluster, startServer } from './own-cluster.ts';
import { scratchRoot } from './scratch-root.ts';

/** A hot standby of an own cluster, by streaming replication. */
export interface TestReplica extends AsyncDisposable {
  /** Of the primary's database, as the standby shows it. */
  readonly url: string;
  /** Straight to it, as a superuser. */
  readonly pool: pg.Pool;
  /** Waits until it has replayed all that the primary has written. */
  caughtUp(): Promise<void>;
  /** From now on it replays each commit so much later than the primary has made it ('10s'; '0'). */
  delay(time: string): Promise<void>;
  /** Kills the server and all its processes. */
  kill(): Promise<void>;
  /** Starts it again from what the killed one has left. */
  restart(): Promise<void>;
}

/** Of the primary's own run; and what comes anew with the stream. */
const [LEFT_OUT, EMPTIED] = [
  ['postmaster.pid', 'postmaster.opts'],
  ['pg_wal', 'pg_replslot'],
];

export interface ReplicaOptions {
  /** The folder that its own is made in. */
  readonly root?: string;
  /** For postgresql.conf. */
  readonly settings?: Settings;
}

export async function startReplica(
  primary: Pick<OwnCluster, 'url' | 'directory' | 'pool'>,
  { root, settings: more }: ReplicaOptions = {},
): Promise<TestReplica> {
  const directory = await mkdtemp(join(root ?? (await scratchRoot()), 'parley-replica-'));
  await chmod(directory, 0o711); // as root, the server's user has to get in
  const caretaker = watchOver(directory);
  const settings = { fsync: 'off', ...more, primary_conninfo: conninfo(primary.url) };
  let site: Site;
  try {
    await copyCluster(primary, directory);
    site = await startServer(directory, settings);
  } catch (error) {
    await caretaker[Symbol.asyncDispose]();
    throw error;
  }
  const address = new URL(primary.url);
  address.port = String(await rememberedPort(site));
  const url = address.href;
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  let running = true;

  const has = async (position: 'receive' | 'replay', wal: string) =>
    (await pool.query(`SELECT pg_last_wal_${position}_lsn() >= '${wal}' AS has`)).rows[0].has === true;
  const written = async () => (await primary.pool.query('SELECT pg_current_wal_lsn() AS wal')).rows[0].wal;

  async function caughtUp() {
    const wal = await written();
    await eventually(() => has('replay', wal));
  }

  return {
    url,
    pool,
    caughtUp,
    async delay(time) {
      await pool.query(`ALTER SYSTEM SET recovery_min_apply_delay = '${time}'`);
      await pool.query('SELECT pg_reload_conf()');
      if (time === '0') return caughtUp();
      // Until the process that replays has read it, too.
      await eventually(async () => {
        await primary.pool.query('SELECT pg_current_xact_id()');
        const wal = await written();
        await eventually(() => has('receive', wal));
        return !(await has('replay', wal));
      });
    },
    async kill() {
      running = false;
      await killServer(directory);
    },
    async restart() {
      site = await startServer(directory, settings);
      running = true;
    },
    async [Symbol.asyncDispose]() {
      try {
        await pool.end();
        // The number in it may be another program's by now, which would be ended in its place.
        if (!running) await rm(join(dataIn(homeIn(directory)), 'postmaster.pid'), { force: true });
        else await shutDown(site);
      } finally {
        await caretaker[Symbol.asyncDispose]();
      }
    },
  };
}

/** While the primary serves; the embedded PostgreSQL has no pg_basebackup. */
async function copyCluster(
  primary: Pick<OwnCluster, 'pool' | 'directory'>,
  directory: string,
): Promise<void> {
  const client = await primary.pool.connect();
  const data = dataIn(homeIn(directory));
  try {
    await client.query(`SELECT pg_backup_start('replica', true)`);
    spawnSync('cp', ['-a', homeIn(primary.directory), directory]);
    const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(false)');
    for (const name of LEFT_OUT) await rm(join(data, name), { force: true });
    for (const folder of EMPTIED)
      for (const name of await readdir(join(data, folder)))
        await rm(join(data, folder, name), { recursive: true });
    const account = await serverAccount(homeIn(directory));
    await writeOwnedFile(join(data, 'backup_label'), rows[0].labelfile, account);
    await writeOwnedFile(join(data, 'standby.signal'), '', account);
  } finally {
    client.release();
  }
}

function conninfo(url: string): string {
  const { hostname, port, username, password } = new URL(url);
  return `host=${hostname} port=${port} user=${username} password=${password}`;
}
