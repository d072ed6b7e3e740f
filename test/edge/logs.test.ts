import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { SEND } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, type Person } from '../support/people.ts';
import { TEST_SECRET } from '../support/server.ts';
import { follow } from '../support/subscriber.ts';

const SECRET_TEXT = 'nobody but the two of us may ever read this';
const SECRET_KEY = 'an-idempotency-key-that-is-nobodys-business';

let database: TestDatabase;
let node: NodeProcess;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  database = await createTestDatabase();
  node = await startNodeProcess(database.url, { LOG_LEVEL: 'trace' });
  [alice, bob] = await createPeople({ url: node.url, pool: database.pool }, 'alice', 'bob');
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const logged = () => node.log.join('\n');

test('of a row that the database refuses, the log has the reason and not what its user wrote', async () => {
  await database.pool.query(
    `ALTER TABLE messages ADD CONSTRAINT no_secrets CHECK (message_text <> '${SECRET_TEXT}')`,
  );
  const input = { receiverId: bob.id, messageText: SECRET_TEXT, idempotencyKey: SECRET_KEY };
  const { errors } = await alice.client.ask(SEND, { input });
  expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
  await eventually(() => logged().includes(errors?.[0]?.extensions.requestId as string));
  expect(logged()).toContain('no_secrets');
  expect(logged()).not.toContain(SECRET_TEXT);
  expect(logged()).not.toContain(SECRET_KEY);
  await database.pool.query('ALTER TABLE messages DROP CONSTRAINT no_secrets');
});

test('whatever is asked, and however wrong, no secret comes into the log', async () => {
  const { authorization = '' } = await alice.client.headers();
  const input = { receiverId: bob.id, messageText: SECRET_TEXT, idempotencyKey: SECRET_KEY };
  await using recording = await follow(bob.client);
  await alice.client.data(SEND, { input });
  await recording.reaches(1);
  const wrong = [
    alice.client.ask(SEND, { input: { ...input, receiverId: SECRET_TEXT } }),
    alice.client.ask(SEND, { input: { ...input, messageText: `${SECRET_TEXT}\0` } }),
    alice.client.ask(`{ user(username: "${SECRET_TEXT}") { id } `),
    alice.client.ask(`{ ${'a '.repeat(10)} (x: "${SECRET_TEXT}") }`),
    alice.client.post(`{"query": "${SECRET_TEXT}`),
    alice.client.post({ query: '{ viewer { id } }', variables: SECRET_TEXT }),
    alice.client.post({ query: '{ viewer { id } }' }, { authorization: `${authorization}x` }),
    fetch(`${node.url}?query=${encodeURIComponent(`{ user(username: "${SECRET_TEXT}") { id } }`)}`, {
      headers: { authorization },
    }),
    fetch(`${node.url}?query={__typename}&variables=${encodeURIComponent(SECRET_TEXT)}`),
  ];
  await Promise.all(wrong);
  await database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'parley%'",
  );
  await eventually(
    async () => (await new TestClient(node.url, alice.name).ask('{ unreadCount }')).errors === undefined,
  );
  await eventually(() => logged().includes('terminating connection'));

  const token = authorization.replace('Bearer ', '');
  const { password } = new URL(database.url);
  for (const secret of [
    SECRET_TEXT,
    SECRET_KEY,
    TEST_SECRET,
    token,
    token.split('.')[2] as string,
    `:${password}@`,
  ])
    expect(logged()).not.toContain(secret);
});
