import type { Pool } from 'pg';
import { MESSAGES_AND_PARTITIONS } from '../../src/storage/scaling/relations.ts';

export interface Storage {
  /** Of messages with its partitions, its indexes and what is made of it: a view, a table of its own. */
  readonly bytes: number;
  /** Of one row of messages, on average, without indexes and free room. */
  readonly rowBytes: number;
  /** What Redis holds, once it was read from; `null` without a cache. */
  readonly cacheBytes: number | null;
}

/** The table with its partitions, and every materialized view: both count with their indexes. */
const BYTES = `
  SELECT sum(pg_total_relation_size(oid))::float8 AS bytes
  FROM (
    SELECT relid::oid AS oid FROM ${MESSAGES_AND_PARTITIONS} tables
    UNION
    SELECT oid FROM pg_class WHERE relkind = 'm' AND relnamespace = 'public'::regnamespace
  ) relations`;

/** Every so many rows would do; all of them are read in seconds, too. */
const ROW_BYTES = `SELECT avg(pg_column_size(m.*))::float8 AS bytes FROM messages m`;

export async function measureStorage(database: Pool): Promise<Omit<Storage, 'cacheBytes'>> {
  const [all, row] = await Promise.all(
    [BYTES, ROW_BYTES].map((sql) => database.query<{ bytes: number }>(sql)),
  );
  return { bytes: all?.rows[0]?.bytes ?? Number.NaN, rowBytes: row?.rows[0]?.bytes ?? Number.NaN };
}
