import { setTimeout as delay } from 'node:timers/promises';
import { ensureDatabase } from './database.ts';
import { EmbeddedPostgresError, explain } from './error.ts';
import { initialize } from './initialize.ts';
import { launch, shutDown } from './launch.ts';
import { type Lock, takeLock } from './lock.ts';
import { runningPostmaster } from './postmaster.ts';
import type { Settings } from './settings.ts';
import { settle } from './settle.ts';
import { DATABASE, dataIn, readPassword, type Site, urlOf } from './site.ts';

export interface EmbeddedPostgres extends AsyncDisposable {
  /** Connects a superuser to the database; holds the password. */
  readonly url: string;
  /** Ends all connections, waits until the server is gone; idempotent. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Everything lives below it, in `postgres/`: data, password (mode 0600), log. Made when missing. */
  readonly directory: string;
  readonly onProgress?: (line: string) => void;
  /** Another PostgreSQL's folder of programs, such as /usr/lib/postgresql/15/bin; otherwise the npm package's. */
  readonly binDirectory?: string;
  /** More lines for postgresql.conf; a server that is found running keeps those that it was started with. */
  readonly settings?: Settings;
}

/** A server that another process is just starting or stopping, and the remains of a killed one, take this long at most. */
const START_TIMEOUT_MS = 150_000;
/** A killed process' lock goes when the server notices that its connection is closed. */
const LOCK_WAIT_MS = 2_000;
const POLL_INTERVAL_MS = 50;

/**
 * Starts PostgreSQL from `directory`, creating it the first time. A server that is still up because the process that
 * had started it was killed is taken over. It outlives this process and its terminal until `stop()`.
 * @throws {EmbeddedPostgresError} whose message says what to do; IN_USE while another process uses the directory.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, binDirectory, settings = {}, onProgress = () => {} } = options;
  try {
    const site = await settle(directory, binDirectory, onProgress);
    await initialize(site, settings, onProgress);
    const { url, lock } = await own(site, settings, onProgress);
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= release(site, lock);
      return stopped;
    };
    return { url, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    throw explain(error, directory);
  }
}

/** Brings the server up, or finds it up, and makes it ours. */
async function own(
  site: Site,
  settings: Settings,
  onProgress: (line: string) => void,
): Promise<{ url: string; lock: Lock }> {
  const password = await readPassword(site.home);
  const begun = Date.now();
  let found = true;
  let problem: unknown;
  while (Date.now() - begun < START_TIMEOUT_MS) {
    const running = await runningPostmaster(dataIn(site.home));
    if (running === undefined) {
      found = (await launch(site, settings)) !== 'up';
      if (found) await delay(POLL_INTERVAL_MS);
      continue;
    }
    const url = urlOf(password, running.port);
    try {
      await ensureDatabase(urlOf(password, running.port, 'postgres'), DATABASE);
      const lock = await takeLock(url);
      if (typeof lock !== 'string') {
        if (found)
          onProgress('Took over the database server, which an earlier run that was killed had left running.');
        return { url, lock };
      }
      // Theirs even if we were the ones to bring it up: not to be shut down by us.
      if (Date.now() - begun > LOCK_WAIT_MS) return Promise.reject(inUse(site, lock));
    } catch (error) {
      if (!isPassing(error)) {
        if (!found) await shutDown(site);
        throw error;
      }
      problem = error;
    }
    await delay(POLL_INTERVAL_MS);
  }
  throw new Error(`it was not ready within ${START_TIMEOUT_MS / 1000} s`, { cause: problem });
}

/** The server is still starting, or stopping. */
function isPassing(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string };
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|57P0[1-3])$/.test(code) || /terminated|timeout/.test(message);
}

function inUse({ directory }: Site, holder: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'IN_USE',
    `Another Parley (${holder}) is running from ${directory}: stop it first, or set DATABASE_URL to run this one on a database of its own.`,
  );
}

async function release(site: Site, lock: Lock): Promise<void> {
  // Ours may have been killed, and what runs now be another Parley's.
  const held = await lock.isHeld();
  lock.abandon();
  if (held) await shutDown(site);
}
