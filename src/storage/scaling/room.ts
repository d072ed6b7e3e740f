import { statfs } from 'node:fs/promises';
import type { ClientBase } from 'pg';
import prettyBytes from 'pretty-bytes';
import { MESSAGES_AND_PARTITIONS } from './relations.ts';

/** What a second copy of `messages` takes, and what is free for it, in bytes. */
interface Room {
  readonly needed: number;
  /** `null` where the database's disk cannot be seen from here. */
  readonly free: number | null;
}

/** What others write meanwhile, and the write-ahead log. */
const RESERVE = 1.2;
/** Every partition has ten files, which are never empty. */
const LEAST_BYTES = 16 * 2 ** 20;

/** @throws when it is seen that a copy does not fit. @param tell hears of it when that cannot be seen */
export async function expectRoom(session: ClientBase, tell: (line: string) => void): Promise<void> {
  const { needed, free } = await roomForCopy(session);
  if (free === null)
    tell(
      `A second copy needs about ${prettyBytes(needed)} on the database's disk; how much is free there cannot be seen from here.`,
    );
  else if (free < needed)
    throw new Error(
      `Nothing was changed: a second copy of messages needs about ${prettyBytes(needed)}, and the database's disk has ${prettyBytes(free)} free. Make room first.`,
    );
}

/** As large as `messages` with its indexes is now, in one table or many. */
async function roomForCopy(session: ClientBase): Promise<Room> {
  const { rows } = await session.query(
    `SELECT sum(pg_total_relation_size(relid))::float8 AS size, host(inet_server_addr()) AS address,
       coalesce(
         (SELECT nullif(pg_tablespace_location(coalesce(nullif(reltablespace, 0), dattablespace)), '')
          FROM pg_class, pg_database WHERE pg_class.oid = 'messages'::regclass AND datname = current_database()),
         (SELECT setting FROM pg_settings WHERE name = 'data_directory')) AS directory
     FROM ${MESSAGES_AND_PARTITIONS} tables`,
  );
  const { size, address, directory } = rows[0];
  const needed = Math.ceil(size * RESERVE) + LEAST_BYTES;
  // A socket has no address. Only who may see settings of that kind is told the directory.
  const isHere = address === null || address === '127.0.0.1' || address === '::1';
  return { needed, free: isHere && directory !== null ? await freeIn(directory) : null };
}

async function freeIn(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}
