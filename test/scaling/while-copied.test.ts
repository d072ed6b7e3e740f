import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo, untilCopying, untilSwap, within, writeHistory } from './conversion.ts';
import { databaseOfEachTest } from './each-test.ts';

let people: number[];
const database = databaseOfEachTest(async (pool) => {
  people = await createUsers(pool, 'alice', 'bob', 'carol', 'dave');
  await writeHistory(pool, people.slice(0, 2));
  await writeHistory(pool, people.slice(2, 4));
});

test('a message that moves to another month while it is copied back does not stop the command', async () => {
  await convertTo('partitioned', database.url);
  await untilCopying('plain', database.url);
  let converting: Promise<unknown> | undefined;
  await within(database.pool, async (moving) => {
    await moving.query('BEGIN');
    await moving.query(`UPDATE messages SET created_at = created_at - interval '40 days' WHERE id = 30`);
    converting = convertTo('plain', database.url);
    converting.catch(() => {});
    await eventually(async () => (await waitingForLocks(database.pool)).length > 0);
    await moving.query('COMMIT');
  });
  await converting;
  expect(await allMessages(database.pool)).toHaveLength(120);
  expect(await problemsIn(database.pool)).toEqual([]);
});

test('two who change times of different messages do not wait for each other', async () => {
  await untilCopying('partitioned', database.url);
  await within(database.pool, async (one) => {
    await one.query(`BEGIN; UPDATE messages SET created_at = created_at - interval '40 days' WHERE id = 30`);
    await within(database.pool, async (other) => {
      await other.query(`SET lock_timeout = '2s'`);
      await other.query(`UPDATE messages SET created_at = created_at - interval '40 days' WHERE id = 90`);
    });
  });
});

test('two transactions that never deadlocked do not because of the copying', async () => {
  await untilCopying('partitioned', database.url);
  await within(database.pool, async (one) =>
    within(database.pool, async (other) => {
      await one.query(
        `BEGIN; UPDATE messages SET created_at = created_at - interval '40 days' WHERE id = 30`,
      );
      // not the inbox: is_read false -> false, nobody's head is touched
      await other.query(`BEGIN; SELECT FROM messages WHERE id = 40 FOR UPDATE`);
      const b = other.query(`UPDATE messages SET created_at = created_at - interval '40 days' WHERE id = 90`);
      b.catch(() => {});
      await delay(200);
      const a = one
        .query(`UPDATE messages SET is_read = is_read WHERE id = 40`)
        .then(() => one.query('COMMIT'));
      a.catch(() => {});
      await b;
      await other.query('COMMIT');
      await a;
    }),
  );
});

test('what a trigger for each row changes after an insert is not undone', async () => {
  await database.pool.query(`
    CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE messages SET message_text = upper(message_text) WHERE id = NEW.id; RETURN NULL; END $$;
    CREATE TRIGGER shout AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION shout()`);
  await untilSwap('partitioned', database.url);
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'loud')`,
    people.slice(0, 2),
  );
  const before = await allMessages(database.pool);
  await convertTo('partitioned', database.url);
  expect(await allMessages(database.pool)).toEqual(before);
});

test('two messages of one id: none is lost when it becomes one table', async () => {
  await convertTo('partitioned', database.url);
  await untilSwap('plain', database.url);
  await expect(
    database.pool.query(
      `INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES (5, $1, $2, 'again')`,
      people.slice(0, 2),
    ),
  ).rejects.toMatchObject({ code: '23505' });
  const before = await allMessages(database.pool);
  await convertTo('plain', database.url);
  expect(await allMessages(database.pool)).toEqual(before);
});
