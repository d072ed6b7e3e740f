import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Answer, TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { eventually } from '../support/eventually.ts';
import { insertMessages, SEND, send } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, onNode } from '../support/people.ts';
import { noPgBouncer, type PgBouncer, SERVER_CONNECTIONS, startPgBouncer } from '../support/pgbouncer.ts';
import { type TestServer, tokenOf } from '../support/server.ts';
import { workWhile } from './work.ts';

// Slow, not late: two servers do all that they can through two sessions, and a pooler that is away is waited for.
jest.setTimeout(90_000);

type Place = Pick<TestServer, 'url' | 'pool'>;

const REPORT = `query ($since: DateTime!, $until: DateTime!) {
  messageReport(since: $since, until: $until, interval: DAY) { since messages }
}`;

describeUnless(noPgBouncer, 'servers behind PgBouncer')('two servers behind PgBouncer', () => {
  let database: TestDatabase;
  let name: string;
  let bouncer: PgBouncer;
  const processes: NodeProcess[] = [];
  let nodes: [Place, Place];
  beforeAll(async () => {
    database = await createTestDatabase();
    name = new URL(database.url).pathname.slice(1);
    // A session that took what it finds would read and write other times.
    await database.pool.query(`ALTER DATABASE ${name} SET TimeZone = 'Asia/Kathmandu'`);
    await database.pool.query(`ALTER DATABASE ${name} SET DateStyle = 'SQL, DMY'`);
    bouncer = await startPgBouncer(database.url);
    const environment = {
      DATABASE_DIRECT_URL: database.url,
      DATABASE_POOL_SIZE: '5',
      EVENT_BUS: 'postgres',
      AUTH_PROVISION_USERS: 'true',
    };
    for (let i = 0; i < 2; i++) processes.push(await startNodeProcess(bouncer.url, environment));
    nodes = processes.map(({ url }) => ({ url, pool: database.pool })) as typeof nodes;
  });
  afterAll(async () => {
    for (const each of processes) await each[Symbol.asyncDispose]();
    await bouncer[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const readiness = async () =>
    (await fetch(new URL('/health/ready', nodes[0].url), { headers: { connection: 'close' } })).status;

  test('do everything at once, lose nothing and fail nothing while their sessions are replaced', async () => {
    const unanswered = await workWhile(nodes, false, async (goesOn) => {
      for (let i = 0; i < 3; i++) {
        await goesOn();
        await bouncer.command('RECONNECT');
      }
      await goesOn();
    });
    expect(unanswered).toBe(0);
  });

  test('take no more sessions than the pooler keeps, and one each to LISTEN', async () => {
    const { rows } = await database.pool.query(
      `SELECT application_name AS name, count(*)::int FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'parley%' GROUP BY 1`,
    );
    const counts = Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    expect(counts['parley-listen']).toBe(nodes.length);
    expect(counts['parley']).toBeLessThanOrEqual(SERVER_CONNECTIONS);
  });

  test('give times in UTC and with microseconds, and reports by the days of UTC', async () => {
    const [ann, ben] = await createPeople(nodes[0], 'ann', 'ben');
    const times = ['2026-02-03T23:59:59.999999Z', '2026-02-04T00:00:00.000001Z'];
    await insertMessages(database.pool, ann, ben, times);
    const { conversation } = await ben.client.data(
      'query ($with: ID!) { conversation(with: $with) { messages { nodes: edges { node { createdAt } } } } }',
      { with: ann.id },
    );
    const given = conversation.messages.nodes.map(
      ({ node }: { node: { createdAt: string } }) => node.createdAt,
    );
    expect(given).toEqual(times.toReversed());

    const before = Date.now();
    const { createdAt } = await send(ann, ben, 'now');
    expect(Math.abs(Date.parse(createdAt) - before)).toBeLessThan(60_000);

    const body = {
      query: REPORT,
      variables: { since: '2026-02-03T00:00:00Z', until: '2026-02-05T00:00:00Z' },
    };
    const authorization = `Bearer ${await tokenOf(ann.name, { admin: true })}`;
    const answer = (await (await ann.client.post(body, { authorization })).json()) as Answer;
    expect(answer.data?.messageReport).toEqual([
      { since: '2026-02-03T00:00:00.000000Z', messages: 1 },
      { since: '2026-02-04T00:00:00.000000Z', messages: 1 },
    ]);
  });

  test('make one user of many first requests', async () => {
    const asked = Array.from({ length: 20 }, (_, i) =>
      new TestClient(nodes[i % 2]?.url as string, 'newcomer').data('{ viewer { id username } }'),
    );
    const viewers = new Set((await Promise.all(asked)).map(({ viewer }) => JSON.stringify(viewer)));
    expect(viewers.size).toBe(1);
  });

  test('send once what many ask for with one key', async () => {
    const [ann, ben] = await createPeople(nodes[0], 'ann', 'ben');
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, i) => send(onNode(ann, nodes[i % 2] as Place), ben, 'once', 'key')),
    );
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    const input = { receiverId: ben.id, messageText: 'other', idempotencyKey: 'key' };
    const { errors } = await ann.client.ask(SEND, { input });
    expect(errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('lose nothing with a pooler that is killed and comes back, and say so while it is away', async () => {
    const unanswered = await workWhile(nodes, true, async (goesOn) => {
      await goesOn();
      await bouncer.kill();
      await eventually(async () => (await readiness()) === 503);
      await bouncer.restart();
      await eventually(async () => (await readiness()) === 200);
      await goesOn();
    });
    expect(unanswered).toBeGreaterThan(0);
  });

  test.each([
    [
      'keeps them waiting',
      ['SET query_wait_timeout = 1', 'PAUSE'],
      ['RESUME', 'SET query_wait_timeout = 120'],
    ],
    ['takes no connections to their database', ['DISABLE', 'KILL'], ['ENABLE', 'RESUME']],
  ])('answer UNAVAILABLE when the pooler %s', async (_, refuse, relent) => {
    const [ann] = await createPeople(nodes[0], 'ann');
    const command = (text: string) => bouncer.command(text.startsWith('SET') ? text : `${text} ${name}`);
    for (const text of refuse) await command(text);
    const asked = ['{ unreadCount }', '{ inboxCursor unreadCount }'].map((query) => ann.client.ask(query));
    const authorization = `Bearer ${await tokenOf(ann.name, { admin: true })}`;
    const body = {
      query: REPORT,
      variables: { since: '2026-02-03T00:00:00Z', until: '2026-02-05T00:00:00Z' },
    };
    asked.push(
      ann.client.post(body, { authorization }).then((response) => response.json() as Promise<Answer>),
    );
    for (const { errors } of await Promise.all(asked))
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE']);
    await eventually(async () => (await readiness()) === 503);
    for (const text of relent) await command(text);
    await eventually(async () => (await readiness()) === 200);
    await ann.client.data('{ inboxCursor unreadCount }');
  });
});
