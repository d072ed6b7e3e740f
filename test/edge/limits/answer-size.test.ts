import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPeople, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { overSocket } from '../../support/transports.ts';

const MAX_CHARACTERS = 1_000_000;

let server: TestServer;
let [alice, bob, carol] = [] as unknown as [Person, Person, Person];
beforeAll(async () => {
  server = await startTestServer({ environment: { MAX_ANSWER_CHARACTERS: `${MAX_CHARACTERS}` } });
  [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  // 600,000 characters from each of the two.
  for (const { row } of [bob, carol])
    await server.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text)
       SELECT $1, $2, repeat('x', 10000) FROM generate_series(1, 60)`,
      [row, alice.row],
    );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const PAGE = 'messages(first: 100) { edges { node { messageText } } }';
const ONE_PAGE = `query ($with: ID!) { conversation(with: $with) { ${PAGE} } }`;
const TOO_MUCH = [
  ['pages that are too long together', `{ conversations(first: 2) { edges { node { ${PAGE} } } } }`],
  ['one page twice', `query ($with: ID!) { conversation(with: $with) { ${PAGE} again: ${PAGE} } }`],
  [
    'one text twice',
    `query ($with: ID!) { conversation(with: $with) { ${PAGE.replace('messageText', 'messageText again: messageText')} } }`,
  ],
  [
    'pages of which nothing is shown',
    `{ conversations(first: 2) { edges { node { ${PAGE.replace('messageText', 'id')} } } } }`,
  ],
] as const;

test('as much as is allowed is answered', async () => {
  const { data, errors } = await alice.client.ask(ONE_PAGE, { with: bob.id });
  expect(errors).toBeUndefined();
  expect(data.conversation.messages.edges).toHaveLength(60);
});

test.each(TOO_MUCH)('%s are refused, on each transport, and nothing of them is given', async (_, query) => {
  const variables = { with: bob.id };
  const response = await alice.client.post({ query, variables });
  expect(await response.json()).toMatchObject({
    data: null,
    errors: expect.arrayContaining([expect.objectContaining({ extensions: { code: 'QUERY_TOO_COMPLEX' } })]),
  });
  expect(response.status).toBe(400);

  const socket = await alice.client.socket();
  const answer = await overSocket(socket)({ query, variables });
  expect(answer.errors?.[0]?.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  expect((await overSocket(socket)({ query: '{ unreadCount }' })).data).toEqual({ unreadCount: 120 });
  await socket.dispose();
});

test('what one operation has used does not count for the next', async () => {
  for (let i = 0; i < 3; i++) await alice.client.data(ONE_PAGE, { with: carol.id });
});
