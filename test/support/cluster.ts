import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';

/** The tests' one PostgreSQL server, in a folder of its own that goes with it. */
export interface Cluster extends AsyncDisposable {
  readonly url: string;
}

// Nothing here must survive a crash, and waiting for the disk is most of a short test's time.
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_prepared_transactions: '20',
  max_connections: '400',
};

/** The caretaker: sleeps until its input ends, which any death of ours brings about, then removes what is left. */
const CARETAKER = `
  cat > /dev/null
  pid=$(head -n 1 "$1/postgres/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.1; done
  rm -rf "$1"`;

export async function startCluster(binDirectory: string | undefined): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-test-'));
  await chmod(directory, 0o711); // as root, the server's user has to get in
  const caretaker = watchOver(directory);
  let server: EmbeddedPostgres;
  try {
    server = await startEmbeddedPostgres({
      directory,
      settings: SETTINGS,
      ...(binDirectory === undefined ? {} : { binDirectory }),
    });
  } catch (error) {
    await dismiss(caretaker);
    throw error;
  }
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      try {
        await server.stop();
      } finally {
        await dismiss(caretaker);
      }
    },
  };
}

function watchOver(directory: string): ChildProcess {
  return spawn('/bin/sh', ['-c', CARETAKER, 'sh', directory], {
    detached: true, // Ctrl-C must not reach it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

function dismiss(caretaker: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    caretaker.once('close', () => resolve());
    caretaker.stdin?.end();
  });
}
