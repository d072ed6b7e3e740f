import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { byLane, keepSending, textsOf } from '../support/keep-sending.ts';
import { send } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, type Person } from '../support/people.ts';
import { TEST_SECRET } from '../support/server.ts';
import { type NodeWithOwnClock, startNodeWithOwnClock } from '../support/shifted-clock.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PAGE_SIZE = 20;

let database: TestDatabase;
/** Its clock jumps. */
let jumpy: NodeWithOwnClock;
let steady: NodeProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  [jumpy, steady] = await Promise.all([startNodeWithOwnClock(database.url), startNodeProcess(database.url)]);
});
afterAll(async () => {
  for (const node of [jumpy, steady]) await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const people = <const Names extends readonly string[]>(...names: Names) =>
  createPeople({ url: steady.url, pool: database.pool }, ...names);

/** Has a token that is good for this long by the clock of this process, and by no clock too early. */
class TokenHolder extends TestClient {
  constructor(
    url: string,
    override readonly user: string,
    private readonly goodForMs: number,
  ) {
    super(url, user);
  }

  override async headers(): Promise<Record<string, string>> {
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(this.user)
      .setExpirationTime(new Date(Date.now() + this.goodForMs))
      .sign(new TextEncoder().encode(TEST_SECRET));
    return { authorization: `Bearer ${token}` };
  }
}

/** As a client of that node, whatever time it is there. */
const on = (node: NodeProcess, person: Person): Person => ({
  ...person,
  client: new TokenHolder(node.url, person.name, 24 * HOUR_MS),
});

interface Page {
  readonly edges: readonly { readonly node: { readonly messageText: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

/** The whole conversation, newest first, each page from the other node than the one before. */
async function pageThrough(viewers: readonly Person[], peer: Person): Promise<string[]> {
  const texts: string[] = [];
  let after: string | null = null;
  for (let page = 0; ; page++) {
    const { client } = viewers[page % viewers.length] as Person;
    const { conversation } = await client.data(
      `query ($with: ID!, $first: Int!, $after: String) { conversation(with: $with) {
        messages(first: $first, after: $after) { edges { node { messageText } } pageInfo { hasNextPage endCursor } }
      } }`,
      { with: peer.id, first: PAGE_SIZE, after },
    );
    const { edges, pageInfo }: Page = conversation.messages;
    texts.push(...edges.map(({ node }) => node.messageText));
    if (!pageInfo.hasNextPage) return texts;
    after = pageInfo.endCursor;
  }
}

test('the clock of one node jumps by an hour, forward and back: order, cursors, keys and pages are as ever', async () => {
  const [alice, bob, carol] = await people('alice', 'bob', 'carol');
  const begun = Date.now();
  const start = await cursorOf(bob.client);
  await using onJumpy = await follow(on(jumpy, bob).client, { after: start });
  await using onSteady = await follow(on(steady, bob).client, { after: start, over: 'Server-Sent Events' });
  await using sending = keepSending([on(jumpy, alice), on(steady, alice)], bob);
  const cursors: string[] = [];
  const first = await send(on(jumpy, carol), bob, 'c/0', 'key 0');

  let ahead = 0;
  for (const [i, by] of [HOUR_MS, -2 * HOUR_MS, HOUR_MS].entries()) {
    await sending.goesOn(20);
    ahead += by;
    expect(Math.abs((await jumpy.shiftClock(by)) - Date.now() - ahead)).toBeLessThan(MINUTE_MS);
    await sending.goesOn(20);

    for (const node of [jumpy, steady]) {
      expect(await send(on(node, carol), bob, 'c/0', 'key 0')).toEqual(first);
      cursors.push(await cursorOf(on(node, bob).client));
    }
    const message = await send(on(jumpy, carol), bob, `c/${i + 1}`, `key ${i + 1}`);
    expect(await send(on(steady, carol), bob, `c/${i + 1}`, `key ${i + 1}`)).toEqual(message);
  }
  await sending.stop();
  expect(sending.unanswered).toBe(0);

  const sent = [...sending.acknowledged.map(({ messageText }) => messageText), 'c/0', 'c/1', 'c/2', 'c/3'];
  const events = await onSteady.reaches(sent.length);
  expect(byLane(textsOf(events))).toEqual(byLane(sent));
  expect(await onJumpy.reaches(sent.length)).toEqual(events);
  for (const [i, after] of cursors.entries()) {
    await using resumed = await follow(on(i % 2 === 0 ? steady : jumpy, bob).client, { after });
    const rest = events.slice(events.findIndex(({ cursor }) => cursor === after) + 1);
    expect(await resumed.reaches(rest.length)).toEqual(rest);
  }

  const { rows } = await database.pool.query(
    `SELECT array_agg(message_text ORDER BY created_at DESC, id DESC) AS texts, min(created_at), max(created_at)
     FROM messages WHERE sender_id = $1`,
    [alice.row],
  );
  expect(await pageThrough([on(jumpy, bob), on(steady, bob)], alice)).toEqual(rows[0].texts);
  // Times are the database's.
  expect(rows[0].min.getTime()).toBeGreaterThan(begun - MINUTE_MS);
  expect(rows[0].max.getTime()).toBeLessThan(Date.now() + MINUTE_MS);
  expect(await problemsIn(database.pool)).toEqual([]);
}, 30_000);

test('a token that has expired by a jump closes its socket and its event stream, and no other', async () => {
  const [alice, bob] = await people('alice', 'bob');
  const brief = new TokenHolder(jumpy.url, bob.name, HOUR_MS / 2);
  const after = await cursorOf(bob.client);
  await using socket = await follow(brief, { after });
  await using stream = await follow(brief, { after, over: 'Server-Sent Events' });
  await using lasting = await follow(on(jumpy, bob).client, { after });
  await using elsewhere = await follow(new TokenHolder(steady.url, bob.name, HOUR_MS / 2), { after });
  await send(alice, bob, 'before');
  for (const recording of [socket, stream, lasting, elsewhere]) await recording.reaches(1);

  await jumpy.shiftClock(HOUR_MS);
  await Promise.all([socket.end(), stream.end()]);
  expect(socket.closeCode).toBe(4403);
  expect(stream.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);

  await send(alice, bob, 'after');
  for (const recording of [lasting, elsewhere])
    expect(textsOf(await recording.reaches(2))).toEqual(['before', 'after']);
  await jumpy.shiftClock(-HOUR_MS);
  expect(await brief.data('{ viewer { username } }')).toEqual({ viewer: { username: bob.name } });
});
