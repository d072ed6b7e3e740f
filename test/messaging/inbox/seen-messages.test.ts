import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execute, parse } from 'graphql';
import { OperationContext } from '../../../src/edge/operation-context.ts';
import type { UserId } from '../../../src/messaging/ids.ts';
import type { LoggedChange } from '../../../src/messaging/inbox/log.ts';
import { Messaging, type Ports } from '../../../src/messaging/messaging.ts';
import type { MessageReader } from '../../../src/messaging/ports.ts';
import { schema } from '../../../src/schema/schema.ts';
import { type Executor, poolExecutor } from '../../../src/storage/executor.ts';
import { inboxLog } from '../../../src/storage/inbox-log.ts';
import { normalizedReader } from '../../../src/storage/readers/normalized.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createUsers } from '../../support/server.ts';
import { createTestPool } from '../../support/test-pool.ts';

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
let executor: Executor;
let [alice, bob] = [0, 0];
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 2);
  executor = poolExecutor(pool);
});
beforeEach(async () => {
  await database.pool.query('DELETE FROM users');
  [alice = 0, bob = 0] = await createUsers(database.pool, 'alice', 'bob');
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

async function send(...texts: string[]): Promise<void> {
  await database.pool.query(
    'INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, unnest($3::text[])',
    [alice, bob, texts],
  );
}

async function changesFor(user: number): Promise<readonly LoggedChange[]> {
  const [page] = await inboxLog(executor).read([{ userId: user as UserId, after: 0n }], 100);
  return page?.changes ?? [];
}

function seenIn(change: LoggedChange | undefined) {
  return change?.kind === 'sent' ? change.seen : undefined;
}

/** What bob is shown of an event. */
async function shown(change: LoggedChange | undefined, reader: MessageReader = normalizedReader(executor)) {
  const messaging = new Messaging({ reader } as unknown as Ports);
  const result = await execute({
    schema,
    document: parse(
      'subscription { inbox { ... on MessageSent { message { messageText sender { username } } } } }',
    ),
    rootValue: change,
    contextValue: new OperationContext({ id: bob as UserId, admin: false }, messaging, 1_000_000),
  });
  expect(result.errors).toBeUndefined();
  const { inbox } = result.data as { inbox: { message: unknown } };
  return inbox.message;
}

const noReader = new Proxy({} as MessageReader, {
  get(_, method) {
    throw new Error(`${String(method)} was asked for`);
  },
});

test.each([['its sender'], ['its receiver']])('a sent message comes with the log of %s', async (who) => {
  await send('hello');
  const seen = seenIn((await changesFor(who === 'its sender' ? alice : bob))[0]);
  expect(seen?.message).toMatchObject({
    messageText: 'hello',
    isRead: false,
    sender: { id: alice, username: 'alice' },
    receiver: { id: bob, username: 'bob' },
  });
});

test('so it is shown without another statement', async () => {
  await send('hello');
  const [change] = await changesFor(bob);
  expect(await shown(change, noReader)).toEqual({ messageText: 'hello', sender: { username: 'alice' } });
});

test('a long text is whole', async () => {
  const text = Array.from({ length: 10_000 }, (_, i) =>
    String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
  ).join('');
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, full_text) VALUES ($1, $2, $3, $4)`,
    [alice, bob, text.slice(0, 500), text],
  );
  expect(seenIn((await changesFor(bob))[0])?.message.messageText).toBe(text);
});

test('a few come with a log, however many there are', async () => {
  await send(...Array.from({ length: 10 }, (_, i) => `number ${i}`));
  const changes = await changesFor(bob);
  expect(changes.map((change) => seenIn(change) !== undefined)).toEqual([
    true,
    true,
    ...Array(8).fill(false),
  ]);
  expect(await shown(changes[9])).toMatchObject({ messageText: 'number 9' });
});

test('what was seen more than a second ago is read again', async () => {
  await send('as it was');
  const [change] = await changesFor(bob);
  await database.pool.query(`UPDATE messages SET message_text = 'as it is now'`);
  expect(await shown(change)).toMatchObject({ messageText: 'as it was' });

  const seen = seenIn(change);
  const waited = { ...change, seen: { ...seen, at: performance.now() - 1_001 } } as LoggedChange;
  expect(await shown(waited)).toMatchObject({ messageText: 'as it is now' });
  await database.pool.query('DELETE FROM messages');
  expect(await shown(waited)).toBeNull();
});

test('what is gone when the log is read is shown as gone', async () => {
  await send('hello');
  await database.pool.query('DELETE FROM messages');
  const [change] = await changesFor(bob);
  expect(seenIn(change)).toBeUndefined();
  expect(await shown(change)).toBeNull();
});
