import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertMessages } from '../support/messages.ts';
import {
  conversationsOf,
  messagesBetween,
  type PageArguments,
  type PagedList,
  walkBackward,
  walkForward,
} from '../support/pages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';

/** Ten microseconds in a row. */
const TIMES = Array.from({ length: 10 }, (_, i) => `2020-01-01T00:00:00.12345${i}Z`);

interface List {
  readonly page: PagedList;
  /** Every item, in the order of the list. */
  readonly all: readonly string[];
  readonly owner: Person;
  /** Deletes the messages that stand for this item. */
  readonly delete: (item: string) => Promise<unknown>;
}

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** One message at each of `times`, in turns from either side. */
async function messageList(times: readonly string[]): Promise<List> {
  const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  await insertMessages(server.pool, carol, alice, times);
  const { rows } = await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT CASE WHEN i % 2 = 0 THEN $1 ELSE $2 END::int, CASE WHEN i % 2 = 0 THEN $2 ELSE $1 END::int, i::text, at
     FROM unnest($3::timestamptz[]) WITH ORDINALITY AS t (at, i) RETURNING id, message_text, created_at`,
    [alice.row, bob.row, times],
  );
  const sorted = rows
    .map(({ id, message_text }, i) => ({ id, message_text, time: times[i] as string }))
    .sort(newestFirst);
  return {
    page: messagesBetween(alice, bob),
    all: sorted.map(({ message_text }) => message_text),
    owner: alice,
    delete: (text) =>
      server.pool.query('DELETE FROM messages WHERE message_text = $1 AND $2 IN (sender_id, receiver_id)', [
        text,
        bob.row,
      ]),
  };
}

/** One conversation for each of `times`, with a message of that time. */
async function conversationList(times: readonly string[]): Promise<List> {
  const [alice] = await createPeople(server, 'alice');
  const names = times.map((_, i) => `${alice.name}-peer-${i}`);
  const peers = await createUsers(server.pool, ...names);
  const { rows } = await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT peer, $1, 'x', at FROM unnest($2::int[], $3::timestamptz[]) AS t (peer, at) RETURNING id, sender_id`,
    [alice.row, peers, times],
  );
  const sorted = rows
    .map(({ id }, i) => ({ id, name: names[i] as string, time: times[i] as string }))
    .sort(newestFirst);
  return {
    page: conversationsOf(alice),
    all: sorted.map(({ name }) => name),
    owner: alice,
    delete: (name) =>
      server.pool.query('DELETE FROM messages WHERE sender_id = (SELECT id FROM users WHERE username = $1)', [
        name,
      ]),
  };
}

type Sortable = { readonly time: string; readonly id: number };
const newestFirst = (a: Sortable, b: Sortable) =>
  a.time === b.time ? b.id - a.id : a.time < b.time ? 1 : -1;

describe.each([
  ['messages', messageList],
  ['conversations', conversationList],
])('pages of %s', (_, createList) => {
  let list: List;
  let cursors: readonly string[];

  beforeAll(async () => {
    list = await createList(TIMES);
    cursors = (await list.page({ first: 100 })).cursors;
    expect(cursors).toHaveLength(10);
  });

  /** Items by their place in the list; cursors too. */
  async function pageAt({
    after,
    before,
    ...size
  }: Partial<Record<'first' | 'last' | 'after' | 'before', number>>) {
    const at = (index: number | undefined) => (index === undefined ? null : (cursors[index] ?? null));
    const page = await list.page({ ...size, after: at(after), before: at(before) } satisfies PageArguments);
    const { startCursor, endCursor, hasPreviousPage, hasNextPage } = page.pageInfo;
    expect([startCursor, endCursor]).toEqual([page.cursors[0] ?? null, page.cursors.at(-1) ?? null]);
    return { items: page.items.map((item) => list.all.indexOf(item)), hasPreviousPage, hasNextPage };
  }

  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const page = (from: number, to: number, hasPreviousPage: boolean, hasNextPage: boolean) => ({
    items: range(from, to),
    hasPreviousPage,
    hasNextPage,
  });

  test.each([
    ['without arguments, a short list is whole', {}, page(0, 10, false, false)],
    ['the first three', { first: 3 }, page(0, 3, false, true)],
    ['first, exact fit', { first: 10 }, page(0, 10, false, false)],
    ['first, one less than there are', { first: 9 }, page(0, 9, false, true)],
    ['the last three', { last: 3 }, page(7, 10, true, false)],
    ['last, exact fit', { last: 10 }, page(0, 10, false, false)],
    ['last, one less than there are', { last: 9 }, page(1, 10, true, false)],
    ['first after', { first: 3, after: 2 }, page(3, 6, true, true)],
    ['first after, exact fit', { first: 7, after: 2 }, page(3, 10, true, false)],
    ['first after the first one', { first: 1, after: 0 }, page(1, 2, true, true)],
    ['first after the last one but one', { first: 5, after: 8 }, page(9, 10, true, false)],
    ['last before', { last: 3, before: 7 }, page(4, 7, true, true)],
    ['last before, exact fit', { last: 7, before: 7 }, page(0, 7, false, true)],
    ['last before the second one', { last: 5, before: 1 }, page(0, 1, false, true)],
    ['first before: from the start', { first: 3, before: 7 }, page(0, 3, false, true)],
    ['first before: up to the cursor', { first: 20, before: 7 }, page(0, 7, false, true)],
    ['last after: from the end', { last: 3, after: 2 }, page(7, 10, true, false)],
    ['last after: down to the cursor', { last: 20, after: 2 }, page(3, 10, true, false)],
    ['first between two', { first: 2, after: 1, before: 7 }, page(2, 4, true, true)],
    ['first between two, exact fit', { first: 5, after: 1, before: 7 }, page(2, 7, true, true)],
    ['last between two', { last: 2, after: 1, before: 7 }, page(5, 7, true, true)],
    ['last between two, exact fit', { last: 5, after: 1, before: 7 }, page(2, 7, true, true)],
    ['after and before without a size', { after: 1, before: 7 }, page(2, 7, true, true)],
    ['after the end', { first: 3, after: 9 }, page(0, 0, true, false)],
    ['before the start', { last: 3, before: 0 }, page(0, 0, false, true)],
    ['between neighbours', { first: 3, after: 4, before: 5 }, page(0, 0, true, true)],
    ['after what is behind before', { first: 3, after: 7, before: 2 }, page(0, 0, true, true)],
    ['one alone', { first: 1, after: 4, before: 6 }, page(5, 6, true, true)],
  ])('%s', async (_, request, expected) => {
    expect(await pageAt(request)).toEqual(expected);
  });

  test.each([1, 3, 7, 10, 100])(
    'walking in pages of %i gives each row once, in both directions',
    async (size) => {
      expect(await walkForward(list.page, size)).toEqual(list.all);
      expect(await walkBackward(list.page, size)).toEqual(list.all);
    },
  );

  test('many rows of one time are walked through once, in both directions', async () => {
    const same = await createList(Array(50).fill('2020-01-01T00:00:00.123456Z'));
    expect(await walkForward(same.page, 7)).toEqual(same.all);
    expect(await walkBackward(same.page, 7)).toEqual(same.all);
  });

  test('20 stand on a page when nothing else is said, up to 100 when asked for', async () => {
    const long = await createList(Array.from({ length: 101 }, (_, i) => new Date(1e12 + i).toISOString()));
    expect((await long.page({})).items).toEqual(long.all.slice(0, 20));
    const full = await long.page({ first: 100 });
    expect(full.items).toEqual(long.all.slice(0, 100));
    expect(full.pageInfo.hasNextPage).toBe(true);
    expect((await long.page({ last: 100 })).items).toEqual(long.all.slice(1));
  });

  test('a cursor holds its place when its row is gone, and pages go on where they stood when rows come on top', async () => {
    const changing = await createList(TIMES);
    const { pageInfo, items } = await changing.page({ first: 5 });
    expect(items).toEqual(changing.all.slice(0, 5));
    await changing.delete(changing.all[4] as string);
    const next = await changing.page({ first: 3, after: pageInfo.endCursor });
    expect(next.items).toEqual(changing.all.slice(5, 8));
    expect(next.pageInfo.hasPreviousPage).toBe(true);
    const previous = await changing.page({ last: 3, before: pageInfo.endCursor });
    expect(previous.items).toEqual(changing.all.slice(1, 4));
    expect(previous.pageInfo.hasNextPage).toBe(true);
  });

  test('an empty list has neither start nor end', async () => {
    const empty = await createList([]);
    for (const request of [{}, { first: 5 }, { last: 5 }])
      expect(await empty.page(request)).toEqual({
        items: [],
        cursors: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      });
  });
});
