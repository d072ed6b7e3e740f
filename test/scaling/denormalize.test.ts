import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Pool } from 'pg';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import { readStage } from '../../src/storage/scaling/denormalizing/state.ts';
import { MESSAGES_AND_PARTITIONS } from '../../src/storage/scaling/relations.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn, takeSnapshot } from '../support/inbox-invariants.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo, writeHistory } from './conversion.ts';
import {
  keepNames,
  keepNamesUntilKilled,
  takeNamesOut,
  untilFilling,
  wrongNames,
} from './denormalization.ts';
import { databaseOfEachTest } from './each-test.ts';

// Slow, not late: all is done once for each statement in which it is killed.
jest.setTimeout(90_000);

let people: number[];
const database = databaseOfEachTest(async (pool) => {
  people = await createUsers(pool, 'alice', 'bob');
  await writeHistory(pool, people);
});

describe.each(['plain', 'partitioned'] as const)('a %s table', (form) => {
  beforeEach(async () => {
    if (form === 'partitioned') await convertTo('partitioned', database.url);
  });

  test('has the names of both people in every message, and is as it was when they are taken out', async () => {
    const [messages, definitions] = [await allMessages(database.pool), await readFingerprint(database.url)];
    const before = await takeSnapshot(database.pool);
    expect(await keepNames(database.url)).toEqual({
      changed: true,
      longestLock: { what: expect.any(String), ms: expect.any(Number) },
    });
    expect(await wrongNames(database.pool)).toEqual([]);
    expect(await readStage(database.pool)).toBe('done');
    expect(await allMessages(database.pool)).toEqual(messages);
    // Nobody hears of it.
    expect(await takeSnapshot(database.pool)).toEqual(before);

    expect((await takeNamesOut(database.url)).changed).toBe(true);
    expect(await allMessages(database.pool)).toEqual(messages);
    expect(await readFingerprint(database.url)).toEqual(definitions);
  });

  test('is left alone when it is so already', async () => {
    expect(await takeNamesOut(database.url)).toEqual({ changed: false, longestLock: null });
    await keepNames(database.url);
    expect(await keepNames(database.url)).toEqual({ changed: false, longestLock: null });
  });

  test('killed after any of its statements, it is gone on with, while others write', async () => {
    let statements = 0;
    for (let outcome = 'killed'; outcome === 'killed'; statements++) {
      await takeNamesOut(database.url);
      // What is half made holds nobody up.
      let left = statements;
      outcome = await keepNamesUntilKilled(database.url, () => left-- <= 0);
      await database.pool.query(
        `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'meanwhile')`,
        people,
      );
      await database.pool.query('UPDATE messages SET is_read = NOT is_read WHERE id % 7 = 0');
      await database.pool.query(`UPDATE users SET username = $2 WHERE id = $1`, [
        people[0],
        `alice-${statements}`,
      ]);
      await keepNames(database.url);
      expect(await wrongNames(database.pool)).toEqual([]);
    }
    expect(statements).toBeGreaterThan(10);
    expect(await problemsIn(database.pool)).toEqual([]);
  });

  test('takes little more room than before', async () => {
    await database.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
       SELECT $1, $2, repeat('x', 60), now() - i * interval '1 minute' FROM generate_series(20000, 1, -1) i`,
      people,
    );
    await database.pool.query('VACUUM messages');
    const before = await sizes(database.pool);
    await keepNames(database.url);
    const after = await sizes(database.pool);
    // A row without room around it grows by a tenth. All filled at once, both would be twice as large.
    expect(after.rows / before.rows).toBeLessThan(1.4);
    expect(after.indexes / before.indexes).toBeLessThan(1.1);
  });

  test.each([
    ['goes on with', keepNames, 'done'],
    ['undoes', takeNamesOut, 'none'],
  ] as const)('%s indexes that were half made when it was killed', async (_, next, stage) => {
    await next(database.url);
    const definitions = await readFingerprint(database.url);
    await takeNamesOut(database.url);
    await killedWhileReindexing();
    await next(database.url);
    expect(await readStage(database.pool)).toBe(stage);
    expect(await readFingerprint(database.url)).toEqual(definitions);
  });

  test('killed after any of its statements, it is undone', async () => {
    const definitions = await readFingerprint(database.url);
    let statements = 0;
    for (let outcome = 'killed'; outcome === 'killed'; statements += 3) {
      let left = statements;
      outcome = await keepNamesUntilKilled(database.url, () => left-- <= 0);
      await takeNamesOut(database.url);
      expect(await readFingerprint(database.url)).toEqual(definitions);
    }
    expect(statements).toBeGreaterThan(10);
  });
});

async function sizes(pool: Pool): Promise<{ readonly rows: number; readonly indexes: number }> {
  const { rows } = await pool.query(
    `SELECT sum(pg_relation_size(relid))::float8 AS rows, sum(pg_indexes_size(relid))::float8 AS indexes
     FROM ${MESSAGES_AND_PARTITIONS} tables`,
  );
  return rows[0];
}

/** A writer that does not end keeps it from its end. */
async function killedWhileReindexing(): Promise<void> {
  const writer = await database.pool.connect();
  try {
    await keepNamesUntilKilled(database.url, (statement) => statement.startsWith('REINDEX'));
    await writer.query('BEGIN; UPDATE messages SET is_read = is_read');
    const killed = expect(keepNames(database.url)).rejects.toThrow('terminating connection');
    await eventually(async () => (await halfMade(database.pool)) > 0);
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE 'REINDEX%'`,
    );
    await killed;
    expect(await halfMade(database.pool)).toBeGreaterThan(0);
  } finally {
    await writer.query('COMMIT');
    writer.release();
  }
}

async function halfMade(pool: Pool): Promise<number> {
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM pg_index WHERE NOT indisvalid');
  return rows[0].count;
}

test('a half made index is named to whoever wants partitions, with what to do', async () => {
  await killedWhileReindexing();
  await expect(convertTo('partitioned', database.url)).rejects.toThrow(
    /index (\w+_ccnew) is not valid, as a REINDEX leaves it that did not end: DROP INDEX CONCURRENTLY \1/,
  );
});

test('while old messages have no names yet, they can be read, changed and moved to another id', async () => {
  await untilFilling(database.url);
  expect(await readStage(database.pool)).toBe('filling');
  const unnamed = (await wrongNames(database.pool)).length;
  expect(unnamed).toBe(60);
  await database.pool.query('UPDATE messages SET is_read = true WHERE id = 3');
  await database.pool.query(`UPDATE messages SET message_text = 'edited' WHERE id = 4`);
  await database.pool.query('UPDATE messages SET id = -5 WHERE id = 5');
  expect((await wrongNames(database.pool)).length).toBe(unnamed - 1);
  await keepNames(database.url);
  expect(await wrongNames(database.pool)).toEqual([]);
});

test('a user whom there is not is refused by the foreign key, as ever', async () => {
  await keepNames(database.url);
  await expect(
    database.pool.query(`INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, 999, 'x')`, [
      people[0],
    ]),
  ).rejects.toMatchObject({ code: '23503' });
});

test('what another program writes as a name is the name', async () => {
  await keepNames(database.url);
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, sender_username) VALUES ($1, $2, 'x', 'mallory')`,
    people,
  );
  await database.pool.query(`UPDATE messages SET receiver_username = 'mallory', sender_username = NULL`);
  expect(await wrongNames(database.pool)).toEqual([]);
});

test('who may write messages and not see users, and a session that bypasses triggers, write the names, too', async () => {
  await keepNames(database.url);
  const client = await database.pool.connect();
  try {
    await client.query(`
      DO $$ BEGIN CREATE ROLE message_writer; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT INSERT, SELECT, UPDATE ON messages TO message_writer;
      GRANT USAGE ON SEQUENCE messages_id_seq TO message_writer;
      SET ROLE message_writer`);
    await client.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'x')`,
      people,
    );
    await client.query(`UPDATE messages SET sender_id = receiver_id WHERE message_text = 'x'`);
    await client.query('RESET ROLE; SET session_replication_role = replica');
    await client.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'y')`,
      people,
    );
    await client.query(`UPDATE users SET username = 'alicia' WHERE id = ${people[0]}`);
  } finally {
    await client.query('RESET session_replication_role');
    client.release();
  }
  expect(await wrongNames(database.pool)).toEqual([]);
});
