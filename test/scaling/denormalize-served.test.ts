import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createPrisma } from '../../src/storage/prisma.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { insertMessages, send } from '../support/messages.ts';
import { createPeople, onNode } from '../support/people.ts';
import { createUsers, startTestServer } from '../support/server.ts';
import { createTestPool } from '../support/test-pool.ts';
import { convertTo, writeHistory } from './conversion.ts';
import { keepNames, rename, takeNamesOut, untilFilling, wrongNames } from './denormalization.ts';
import { startLoad } from './load.ts';

// Slow, not late: servers are started, and a table is filled while they are at work.
jest.setTimeout(90_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const serve = (strategy: string) =>
  startTestServer({
    database: { databaseUrl: database.url, pool: database.pool },
    environment: { READ_STRATEGY: strategy },
  });

test.each(['plain', 'partitioned'] as const)(
  'in a %s table under load names are filled in and taken out: not one operation fails, and every device is given every event once',
  async (form) => {
    const people = await createUsers(database.pool, 'alice', 'bob');
    for (let i = 0; i < 50; i++) await writeHistory(database.pool, people);
    if (form === 'partitioned') await convertTo('partitioned', database.url);
    await using server = await serve('normalized');
    await using load = await startLoad([server], server);
    await load.goesOn(50);
    const { longestLock } = await keepNames(database.url);
    expect(await wrongNames(database.pool)).toEqual([]);
    await load.goesOn(50);
    await takeNamesOut(database.url);
    await load.goesOn(50);
    const { failures, events, wrong } = await load.stop();
    expect({ failures, wrong }).toEqual({ failures: [], wrong: [] });
    expect(await problemsIn(database.pool)).toEqual([]);
    // The case means something.
    expect(events).toBeGreaterThan(100);
    expect(longestLock).not.toBeNull();
  },
);

test('a server does not start, and says which command to run, until the filling is at its end', async () => {
  await createUsers(database.pool, 'alice').then(([alice]) =>
    writeHistory(database.pool, [alice, alice] as number[]),
  );
  await expect(serve('denormalized')).rejects.toThrow(
    'READ_STRATEGY=denormalized reads usernames from messages, which has none: run npm run scale -- denormalize.',
  );
  await untilFilling(database.url);
  await expect(serve('denormalized')).rejects.toThrow(
    'READ_STRATEGY=denormalized reads usernames from messages, and not every message is known to have them yet: run npm run scale -- denormalize to its end.',
  );
  await keepNames(database.url);
  await using server = await serve('denormalized');
  expect((await fetch(new URL('/health/ready', server.url))).status).toBe(200);
});

const PAGES = `query ($with: ID!) {
  conversation(with: $with) { peer { username createdAt } messages(first: 3) { edges { node { sender { username createdAt } receiver { username } } } } }
  conversations(first: 3) { edges { node { peer { username createdAt } lastMessage { sender { username } } } } }
}`;

test('answers are those of the other strategy, and show a rename at once', async () => {
  await keepNames(database.url);
  await using normalized = await serve('normalized');
  await using server = await serve('denormalized');
  const [ann, ben] = await createPeople(server, 'ann', 'ben');
  const { id } = await send(ann, ben, 'hello');
  await send(ben, ann, 'hello yourself');
  await insertMessages(server.pool, ann, ann, ['2026-01-01T00:00:00Z']);
  const message =
    'query ($id: ID!) { message(id: $id) { sender { username createdAt } receiver { username } } }';
  for (const name of ['before', 'after']) {
    await rename(database.pool, ben.row, `${name} ${ben.name}`);
    for (const [query, variables] of [
      [PAGES, { with: ben.id }],
      [PAGES, { with: ann.id }],
      [message, { id }],
    ] as const) {
      const answer = await ann.client.data(query, variables);
      expect(answer).toEqual(await onNode(ann, normalized).client.data(query, variables));
      expect(JSON.stringify(answer)).toContain(`"username":"${name} ${ben.name}"`);
    }
  }
});

test('when the names are taken out under a server it is not ready, answers UNAVAILABLE, and goes on when they are back', async () => {
  await keepNames(database.url);
  await using server = await serve('denormalized');
  const [ann, ben] = await createPeople(server, 'ann', 'ben');
  await send(ann, ben, 'hello');
  const read = () => ann.client.data(PAGES, { with: ben.id });
  const ready = () => fetch(new URL('/health/ready', server.url));
  const before = await read();
  await takeNamesOut(database.url);
  await expect(read()).rejects.toThrow(/UNAVAILABLE/);
  const refusal = await eventually(async () => {
    const found = await ready();
    return found.status === 503 && found;
  });
  expect(await refusal.text()).toContain('run npm run scale -- denormalize');
  // Who sends has no part in it.
  await send(ann, ben, 'still there');
  await keepNames(database.url);
  await eventually(async () => (await ready()).status === 200);
  expect((await read()).conversation.peer).toEqual(before.conversation.peer);
});

test('Prisma writes, finds and renames as before', async () => {
  await keepNames(database.url);
  const [alice, bob] = (await createUsers(database.pool, 'alice', 'bob')) as [number, number];
  await using pool = createTestPool(database.url, 2);
  const prisma = createPrisma(pool);
  const data = { senderId: alice, receiverId: bob, messageText: 'hello' };
  const { id } = await prisma.message.create({ data });
  await prisma.user.update({ where: { id: bob }, data: { username: 'bobby' } });
  await prisma.message.update({ where: { id }, data: { receiverId: alice } });
  expect(await wrongNames(database.pool)).toEqual([]);
  expect(await prisma.message.findMany({ include: { receiver: true } })).toMatchObject([
    { id, receiver: { username: 'alice' } },
  ]);
});
