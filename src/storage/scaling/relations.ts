import type { Ask } from './read-only.ts';

/** Of its files as they are now. */
interface Size {
  /** With the maps of its free and visible pages. */
  readonly heapBytes: number;
  readonly toastBytes: number;
  readonly indexBytes: number;
  readonly totalBytes: number;
}

export interface Partition extends Size {
  readonly name: string;
  /** As PostgreSQL writes them: `FOR VALUES FROM ('…') TO ('…')`, or `DEFAULT`. */
  readonly bounds: string;
}

export interface MessagesTable extends Size {
  /** Those of all partitions that are made by one index of the table, together. Largest first. */
  readonly indexes: readonly { readonly name: string; readonly bytes: number }[];
  /** In the order of their times; `null` when the table is not partitioned. */
  readonly partitions: readonly Partition[] | null;
  /** Of which PostgreSQL has no statistics: the table and its partitions, but for small ones. */
  readonly neverAnalyzed: readonly string[];
}

/** A small one is analysed soon enough, by itself or because nothing depends on it. */
const ANALYZE_FROM_BYTES = 1024 * 1024;

/** In which its files are. Of a table without partitions PostgreSQL lists none, not even itself. */
export const MESSAGES_AND_PARTITIONS = `(SELECT 'messages'::regclass AS relid UNION SELECT relid FROM pg_partition_tree('messages'))`;

// Numbers as float8, which pg gives as numbers: exact to 2^53.
const SELECT_TABLES = `
  SELECT c.relname AS name, c.relkind = 'p' AS parent, pg_get_expr(c.relpartbound, c.oid) AS bounds,
    NOT EXISTS (SELECT FROM pg_stats s WHERE s.attname = 'created_at'
      AND (s.schemaname, s.tablename) = (c.relnamespace::regnamespace::name, c.relname)) AS "neverAnalyzed",
    (pg_table_size(c.oid) - toast.bytes)::float8 AS "heapBytes", toast.bytes::float8 AS "toastBytes",
    pg_indexes_size(c.oid)::float8 AS "indexBytes", pg_total_relation_size(c.oid)::float8 AS "totalBytes"
  FROM pg_class c
  CROSS JOIN LATERAL (SELECT coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0) AS bytes) toast
  WHERE c.oid IN ${MESSAGES_AND_PARTITIONS}
  ORDER BY c.relname <> 'messages_past', c.relname COLLATE "C"`;

const SELECT_INDEXES = `
  SELECT coalesce(pg_partition_root(i.indexrelid), i.indexrelid)::regclass::text AS name,
    sum(pg_relation_size(i.indexrelid))::float8 AS bytes
  FROM pg_index i
  WHERE i.indrelid IN ${MESSAGES_AND_PARTITIONS}
  GROUP BY 1
  ORDER BY bytes DESC, name`;

interface Row extends Size {
  readonly name: string;
  readonly parent: boolean;
  readonly bounds: string | null;
  readonly neverAnalyzed: boolean;
}

/** `messages` with its indexes and partitions. */
export async function readMessagesTable(ask: Ask): Promise<MessagesTable> {
  const rows = await ask<Row>(SELECT_TABLES);
  const indexes = await ask<MessagesTable['indexes'][number]>(SELECT_INDEXES);
  // A partitioned table has no files of its own, nor has a partition that is one.
  const partitions = rows.flatMap(({ parent, neverAnalyzed, bounds, ...partition }) =>
    parent || bounds === null ? [] : [{ ...partition, bounds }],
  );
  const sum = (part: keyof Size) => rows.reduce((bytes, row) => bytes + row[part], 0);
  return {
    heapBytes: sum('heapBytes'),
    toastBytes: sum('toastBytes'),
    indexBytes: sum('indexBytes'),
    totalBytes: sum('totalBytes'),
    indexes,
    partitions: rows.some(({ parent }) => parent) ? partitions : null,
    neverAnalyzed: rows.flatMap(({ name, neverAnalyzed, parent, heapBytes }) =>
      neverAnalyzed && (parent || heapBytes >= ANALYZE_FROM_BYTES) ? [name] : [],
    ),
  };
}

// Partitions of another table count as that table.
const SELECT_OTHERS = `
  SELECT coalesce(pg_partition_root(c.oid), c.oid)::regclass::text AS name,
    sum(pg_total_relation_size(c.oid))::float8 AS bytes
  FROM pg_class c
  WHERE c.relkind IN ('r', 'm') AND c.oid <> 'messages'::regclass
    AND c.oid NOT IN (SELECT relid FROM pg_partition_tree('messages'))
    AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'messages'::regclass)
  GROUP BY 1
  ORDER BY bytes DESC, name`;

/** The other tables of the schema with all that belongs to them, and its materialised views; largest first. */
export function readOtherTables(
  ask: Ask,
): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
  return ask(SELECT_OTHERS);
}
