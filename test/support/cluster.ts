import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';
import { watchOver } from './caretaker.ts';

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
    await caretaker[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      try {
        await server.stop();
      } finally {
        await caretaker[Symbol.asyncDispose]();
      }
    },
  };
}
