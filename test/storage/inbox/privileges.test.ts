import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { readMigrations } from '../../../src/storage/migrations/source.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { takeSnapshot, witness } from '../../support/inbox-invariants.ts';
import { brief, castUsers, send } from './cast.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
const writer = `writer_${randomUUID().replaceAll('-', '')}`;
const INSERT = `INSERT INTO public.messages (sender_id, receiver_id, message_text) VALUES`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(`CREATE ROLE ${writer};
    GRANT SELECT, INSERT, UPDATE, DELETE ON messages TO ${writer};
    GRANT USAGE ON SEQUENCE messages_id_seq TO ${writer};
    GRANT CREATE ON SCHEMA public TO ${writer}`);
});
afterAll(async () => {
  await database.pool.query(`DROP OWNED BY ${writer}; DROP ROLE ${writer}`);
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await castUsers(database.pool);
  await send(database.pool, [1, 2]);
});

/** Runs `sql` on a connection of its own, whose settings end with it. */
async function alone(...statements: string[]): Promise<pg.QueryResult | undefined> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    let result: pg.QueryResult | undefined;
    for (const sql of statements) result = await client.query(sql);
    return result;
  } finally {
    await client.end();
  }
}
const asWriter = (...statements: string[]) => alone(`SET ROLE ${writer}`, ...statements);

describe('a role that has rights on messages alone', () => {
  test('writes them, and everybody is told', async () => {
    await witness(
      database.pool,
      () =>
        asWriter(
          `${INSERT} (1, 2, 'a'), (2, 3, 'b')`,
          'UPDATE messages SET is_read = true WHERE id = 2',
          'UPDATE messages SET receiver_id = 4 WHERE id = 2',
          'DELETE FROM messages WHERE id = 1',
        ),
      'many statements',
    );
  });

  test.each(['inbox_events', 'inbox_heads', 'conversations', 'idempotency_keys', 'inbox_epoch'])(
    'cannot read %s',
    async (table) => {
      await expect(asWriter(`SELECT FROM ${table}`)).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
    },
  );

  test('cannot write into inboxes from a table of its own', async () => {
    await expect(
      asWriter(
        `CREATE TEMP TABLE forged (LIKE public.messages)`,
        `CREATE TRIGGER forge AFTER INSERT ON forged REFERENCING NEW TABLE AS inserted
          FOR EACH STATEMENT EXECUTE FUNCTION public.messages_inserted()`,
      ),
    ).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
  });

  test('cannot turn events aside with temporary tables of the same names', async () => {
    const events = await witness(database.pool, () =>
      asWriter(
        'CREATE TEMP TABLE inbox_heads (user_id INT PRIMARY KEY, seq BIGINT)',
        'CREATE TEMP TABLE conversations (user_id INT, peer_id INT, unread_count INT, PRIMARY KEY (user_id, peer_id))',
        `${INSERT} (1, 2, 'a')`,
      ),
    );
    expect(brief(events)).toEqual(['1: sent 2', '2: sent 2']);
  });
});

test('a server that is no superuser reads the epoch', async () => {
  const server = `server_${randomUUID().replaceAll('-', '')}`;
  await database.pool.query(`CREATE ROLE ${server}; GRANT SELECT ON inbox_epoch TO ${server}`);
  try {
    const result = await alone(
      `SET ROLE ${server}`,
      'SET search_path TO nowhere',
      'SELECT public.current_inbox_epoch()',
    );
    expect(result?.rows).toEqual([{ current_inbox_epoch: expect.stringMatching(/^[0-9a-f]{12}$/) }]);
  } finally {
    await database.pool.query(`DROP OWNED BY ${server}; DROP ROLE ${server}`);
  }
});

test('the epoch is the same on every connection, whatever its settings', async () => {
  const epochs = await Promise.all([
    alone('SELECT current_inbox_epoch()'),
    alone(`SET TimeZone TO 'Asia/Kathmandu'; SET DateStyle TO 'German'`, 'SELECT current_inbox_epoch()'),
  ]);
  expect(epochs[0]?.rows).toEqual(epochs[1]?.rows);
});

test.each([
  ['another search_path', `SET search_path TO pg_catalog`],
  ['another time zone and date style', `SET TimeZone TO 'Asia/Kathmandu'; SET DateStyle TO 'SQL, DMY'`],
  ['generic plans', 'SET plan_cache_mode TO force_generic_plan'],
  ['no nested loops', 'SET enable_nestloop TO off; SET enable_hashjoin TO off'],
])('a writer with %s is told like any other', async (_, settings) => {
  await witness(
    database.pool,
    () =>
      alone(
        settings,
        `${INSERT} (1, 2, 'a'), (2, 3, 'b'), (3, 3, 'c')`,
        `UPDATE public.messages SET is_read = true WHERE id = 2`,
        `UPDATE public.messages SET created_at = created_at + interval '1 s', receiver_id = 1`,
        'DELETE FROM public.messages WHERE id = 1',
        'DELETE FROM public.users WHERE id = 3',
      ),
    'many statements',
  );
});

test('the tables may live in another schema, with another inbox in public', async () => {
  const untouched = await takeSnapshot(database.pool);
  const schema = '"Somewhere Else"';
  const migrations = await readMigrations();
  const there = new pg.Pool({ connectionString: database.url, max: 1 });
  try {
    await there.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`);
    for (const { script } of migrations) await there.query(script);
    await castUsers(there);
    await witness(there, () =>
      alone(
        `INSERT INTO ${schema}.messages (sender_id, receiver_id, message_text) VALUES (1, 2, 'far away')`,
      ),
    );
    await witness(there, () => alone(`DELETE FROM ${schema}.users WHERE id = 1`));
    await there.query(`DROP SCHEMA ${schema} CASCADE`);
  } finally {
    await there.end();
  }
  expect(await takeSnapshot(database.pool)).toEqual(untouched);
});
