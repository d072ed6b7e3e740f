import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { explained } from './explained.ts';
import { fill, PERSON, SMALL } from './fill.ts';
import { complaints } from './judge.ts';
import { findLandmarks } from './landmarks.ts';
import { ask, type Operation } from './operation.ts';
import { OPERATIONS } from './operations/all.ts';
import { PlanLog, SERVER } from './plan-log.ts';
import { startPlannedServer } from './planned-server.ts';

let database: TestDatabase;
let log: PlanLog;

beforeAll(async () => {
  database = await createTestDatabase();
  await fill(database.pool, SMALL);
  log = new PlanLog();
});

afterAll(async () => {
  log[Symbol.dispose]();
  await database[Symbol.asyncDispose]();
});

describe('an operation of the API is complained of when an index is gone:', () => {
  test.each([
    ['user', 'users_username_key', 'Seq Scan on users'],
    ['the newest page', 'idx_messages_conversation', 'idx_messages_conversation is not used'],
  ])('%s, without %s', async (what, index, complaint) => {
    const operation = OPERATIONS.find((each) => each.what === what) as Operation;
    await using server = await startPlannedServer(log, database, 'force_generic_plan');
    const at = await findLandmarks(database.pool);
    const judge = async () =>
      complaints(await server.plansOf(() => ask(server.url, operation, at)), operation);

    expect(await judge()).toEqual([]);
    await database.pool.query(`DROP INDEX ${index}`);
    expect(await judge()).toContain(complaint);
  });
});

test('silence is complained of', () => {
  expect(complaints([], { rows: 250 })).toEqual(['no plan was heard']);
});

describe('a statement is complained of', () => {
  let client: pg.Client;
  beforeAll(async () => {
    const connectionString = explained(database.url, 'force_custom_plan');
    client = new pg.Client({ connectionString, application_name: SERVER });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
  });

  const judge = async (...statements: readonly string[]) => {
    await client.query('BEGIN');
    const plans = await log.during(async () => {
      for (const statement of statements) await client.query(statement);
    });
    await client.query('ROLLBACK');
    return complaints(plans, { rows: 250 });
  };

  test('that reads a whole conversation for one page', async () => {
    const { alice, bob } = PERSON;
    const page = `SELECT * FROM messages
      WHERE (sender_id = ${alice} AND receiver_id = ${bob}) OR (sender_id = ${bob} AND receiver_id = ${alice})
      ORDER BY created_at DESC, id DESC LIMIT 50`;
    // Not by its time, which is the luckier way here.
    const complained = await judge('SET LOCAL enable_incremental_sort = off', page);
    expect(complained).toContainEqual(expect.stringMatching(/^\d{4,} rows are read, of at most 250$/));
  });

  test('whose trigger reads a whole table', async () => {
    const counting = `
      CREATE FUNCTION count_messages() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM count(*) FROM messages WHERE message_text LIKE '%hello%';
        RETURN NULL;
      END
      $$;
      CREATE TRIGGER counted AFTER INSERT ON messages EXECUTE FUNCTION count_messages()`;
    const sending = `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES (${PERSON.bob}, ${PERSON.erin}, 'hello')`;
    expect(await judge(sending)).toEqual([]);
    expect(await judge(counting, sending)).toContain('Seq Scan on messages');
  });

  test('that walks through an index instead of searching it', async () => {
    await client.query('BEGIN');
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query('SET LOCAL enable_bitmapscan = off');
    const plans = await log.during(() => client.query(`SELECT FROM inbox_events WHERE seq = 100000`));
    await client.query('ROLLBACK');
    expect(complaints(plans, { rows: 250 })).toContainEqual(
      expect.stringMatching(/^\d+ blocks of inbox_events are read for 1 rows$/),
    );
  });
});
