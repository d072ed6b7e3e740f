import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { DECLARE_EXPORT, EXPORT_SETTINGS } from '../../src/storage/statements/message-export.ts';
import { BEGINNING, insertMany } from '../operations/exporting/many-messages.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const MESSAGES = 20_000;
/** In which there are 60 of them. */
const MINUTE_LATER = '2026-01-01T00:01:00Z';
/** What is best for the last row; of a cursor it looks for what is best for the first ones, if nobody has set this. */
const FOR_ALL_ROWS = { cursor_tuple_fraction: 1 };

let database: TestDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertMany(database.pool, MESSAGES);
  client = await database.pool.connect();
});
afterAll(async () => {
  client.release();
  await database[Symbol.asyncDispose]();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How the export's statement is run. */
async function planOf(settings: object, until: string): Promise<readonly Node[]> {
  await client.query('BEGIN');
  try {
    for (const [name, value] of Object.entries(settings)) await client.query(`SET LOCAL ${name} = ${value}`);
    const explain = `EXPLAIN (ANALYZE, FORMAT JSON) ${DECLARE_EXPORT}`;
    const { rows } = await client.query(explain, [BEGINNING, until]);
    return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.query('ROLLBACK');
  }
}

const kindsOf = (nodes: readonly Node[]) => new Set(nodes.map((node) => node['Node Type']));
const scansOf = (nodes: readonly Node[]) =>
  nodes
    .filter((node) => node['Relation Name']?.startsWith('messages'))
    .map((node) => [node['Node Type'], node['Index Name'], node['Actual Rows']]);

describe('of a plain table', () => {
  test('PostgreSQL may well think it best to read all messages, and sort them', async () => {
    const kinds = kindsOf(await planOf(FOR_ALL_ROWS, 'infinity'));
    expect([kinds.has('Seq Scan'), kinds.has('Sort')]).toEqual([true, true]);
  });

  test('an export goes by the index on the time, and sorts only messages of one time', async () => {
    const nodes = await planOf({ ...FOR_ALL_ROWS, ...EXPORT_SETTINGS }, 'infinity');
    expect(kindsOf(nodes)).toEqual(new Set(['Incremental Sort', 'Nested Loop', 'Index Scan', 'Memoize']));
    expect(scansOf(nodes)).toEqual([['Index Scan', 'idx_messages_created', MESSAGES]]);
  });

  test('an export of a minute reads no more than that', async () => {
    expect(scansOf(await planOf({ ...FOR_ALL_ROWS, ...EXPORT_SETTINGS }, MINUTE_LATER))).toEqual([
      ['Index Scan', 'idx_messages_created', 60],
    ]);
  });
});

describe('of monthly partitions', () => {
  beforeAll(async () => {
    await client.query(`
      ALTER TABLE messages RENAME TO all_messages;
      CREATE TABLE messages (LIKE all_messages) PARTITION BY RANGE (created_at);
      CREATE INDEX ON messages (created_at);
      CREATE TABLE messages_2025_12 PARTITION OF messages FOR VALUES FROM ('2025-12-01Z') TO ('2026-01-01Z');
      CREATE TABLE messages_2026_01 PARTITION OF messages FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');
      CREATE TABLE messages_others PARTITION OF messages DEFAULT;
      INSERT INTO messages SELECT * FROM all_messages;
      ANALYZE messages;
    `);
  });

  test('an export merges the indexes of those that it must read', async () => {
    const nodes = await planOf({ ...FOR_ALL_ROWS, ...EXPORT_SETTINGS }, 'infinity');
    const kinds = ['Incremental Sort', 'Nested Loop', 'Merge Append', 'Index Scan', 'Memoize'];
    expect(kindsOf(nodes)).toEqual(new Set(kinds));
    expect(scansOf(nodes)).toEqual([
      ['Index Scan', 'messages_2026_01_created_at_idx', MESSAGES],
      ['Index Scan', 'messages_others_created_at_idx', 0],
    ]);
  });

  test('an export of a minute reads one partition, and no more of it than that', async () => {
    expect(scansOf(await planOf({ ...FOR_ALL_ROWS, ...EXPORT_SETTINGS }, MINUTE_LATER))).toEqual([
      ['Index Scan', 'messages_2026_01_created_at_idx', 60],
    ]);
  });
});
