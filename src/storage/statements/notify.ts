import type { Statement } from '../statement.ts';

/**
 * Tells whoever listens on channel $1 of $2. Its commit does not wait for the disk: PostgreSQL writes one for NOTIFY, too,
 * but after a crash nobody is told of what was in the queue.
 */
export const NOTIFY: Statement<null> = {
  name: 'notify',
  text: `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`,
  row: () => null,
};
