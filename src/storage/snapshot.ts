import type { Pool } from 'pg';
import type { MessageReader, SnapshotReader } from '../messaging/ports.ts';
import { translatingErrors } from './errors.ts';
import { connectionExecutor, type Executor } from './executor.ts';

/** Opens a reader all of whose statements see the database as it is at the first of them. */
export async function openSnapshot(
  pool: Pool,
  createReader: (executor: Executor) => MessageReader,
): Promise<SnapshotReader> {
  const client = await translatingErrors(() => pool.connect());
  try {
    await translatingErrors(() => client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'));
  } catch (error) {
    client.release(true);
    throw error;
  }
  return {
    ...createReader(connectionExecutor(client)),
    async [Symbol.asyncDispose]() {
      // A connection that cannot even end its transaction is thrown away.
      await client.query('COMMIT').then(
        () => client.release(),
        () => client.release(true),
      );
    },
  };
}
