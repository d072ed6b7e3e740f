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
  const executor = connectionExecutor(client);
  return {
    ...createReader(executor),
    async [Symbol.asyncDispose]() {
      // graphql answers at the first error of a field that is never null, while other fields still read.
      await executor.close();
      // A connection that cannot even end its transaction is thrown away.
      await client.query('COMMIT').then(
        () => client.release(),
        () => client.release(true),
      );
    },
  };
}
