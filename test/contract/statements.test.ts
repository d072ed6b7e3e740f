import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { connectionsOf, type LoggedServer, namesOf, startLoggedServer } from '../support/logged-server.ts';
import { insertMessages } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { createUsers, tokenOf } from '../support/server.ts';
import type { LoggedStatement, StatementLog } from '../support/statement-log.ts';
import { testedForm } from '../support/template.ts';

let server: LoggedServer;
let log: StatementLog;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  server = await startLoggedServer({ EVENT_BUS: 'memory' });
  log = server.log;
  // Creating them makes a request as each: which user a token's `sub` is has been looked up and is kept from here on.
  [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  await insertMessages(server.pool, bob, alice, times(30));
  await insertMessages(server.pool, alice, bob, times(30));
  const peers = await createUsers(server.pool, ...Array.from({ length: 25 }, (_, i) => `peer-${i}`));
  await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT CASE WHEN i % 2 = 0 THEN peer ELSE $1 END::int, CASE WHEN i % 2 = 0 THEN $1 ELSE peer END::int, 'hi'
     FROM unnest($2::int[]) WITH ORDINALITY AS t (peer, i)`,
    [alice.row, peers],
  );
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const times = (count: number) => Array.from({ length: count }, (_, i) => new Date(1.6e12 + i).toISOString());

/** What it took to answer, which must be without errors. */
function statementsOf(query: string, variables: object = {}): Promise<readonly LoggedStatement[]> {
  return log.during(() => alice.client.data(query, { ...variables }));
}

/** What comes with what shows people: of names that are kept in messages, no more than the name. */
const SINCE = testedForm().strategy === 'denormalized' ? '' : 'createdAt';
const MESSAGE = `{ id messageText createdAt isRead sender { id username ${SINCE} } receiver { id username ${SINCE} } }`;

async function lastMessageId(peer: Person): Promise<string> {
  const query = 'query ($with: ID!) { conversation(with: $with) { lastMessage { id } } }';
  return (await alice.client.data(query, { with: peer.id })).conversation.lastMessage.id;
}

test('a new token costs one statement more, the first time', async () => {
  await createUsers(server.pool, 'dave');
  const dave = new TestClient(server.url, 'dave');
  const first = await log.during(() => dave.data('{ unreadCount }'));
  expect(first.map(({ kind }) => kind)).toEqual(['SELECT', 'SELECT']);
  expect(first[0]?.text).toContain('external_id');
  expect(namesOf(await log.during(() => dave.data('{ unreadCount }')))).toEqual(['unread_count']);
});

describe('without the database are answered', () => {
  test.each(['{ __typename }', '{ __schema { queryType { name } } }'])('%s', async (query) => {
    expect(await statementsOf(query)).toEqual([]);
  });
});

describe('one statement takes', () => {
  test.each([
    ['viewer', '{ viewer { id username createdAt } }', ['users']],
    [
      'viewer, three times',
      '{ viewer { id } a: viewer { username } ... on Query { viewer { createdAt } } }',
      ['users'],
    ],
    ['unreadCount', '{ unreadCount }', ['unread_count']],
    ['inboxCursor alone', '{ inboxCursor }', ['inbox_end']],
  ])('%s', async (_, query, expected) => {
    expect(namesOf(await statementsOf(query))).toEqual(expected);
  });

  test('user, by name or as a node, and several at once', async () => {
    const byName = await statementsOf('query ($u: String!) { user(username: $u) { id username } }', {
      u: bob.name,
    });
    expect(namesOf(byName)).toEqual(['user_by_name']);
    const node = 'query ($id: ID!) { node(id: $id) { id ... on User { username } } }';
    expect(namesOf(await statementsOf(node, { id: bob.id }))).toEqual(['users']);
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on User { username } } viewer { id } }';
    expect(namesOf(await statementsOf(nodes, { ids: [bob.id, carol.id, bob.id] }))).toEqual(['users']);
  });

  test('a conversation of which only the id and the peer are asked for', async () => {
    const query = 'query ($with: ID!) { conversation(with: $with) { id peer { username } } }';
    expect(namesOf(await statementsOf(query, { with: bob.id }))).toEqual(['users']);
  });
});

describe('a single message', () => {
  test.each(['message(id: $id)', 'node(id: $id)', 'nodes(ids: [$id, $id])'])(
    'by %s with its sender and receiver takes one statement',
    async (field) => {
      const query = `query ($id: ID!) { ${field} { ... on Message ${MESSAGE} } }`;
      expect(namesOf(await statementsOf(query, { id: await lastMessageId(bob) }))).toEqual(['messages']);
    },
  );

  test('and no other without them', async () => {
    const query = 'query ($id: ID!) { message(id: $id) { id messageText createdAt isRead } }';
    expect(namesOf(await statementsOf(query, { id: await lastMessageId(bob) }))).toEqual(['messages']);
  });
});

describe('a page of 50 messages with senders and receivers takes one statement', () => {
  const page = (name = 'messages') =>
    `${name}(first: 50) { edges { cursor node ${MESSAGE} } pageInfo { hasNextPage } }`;

  test('as it is documented', async () => {
    const query = `query ($with: ID!) { conversation(with: $with) { ${page()} } }`;
    const { conversation } = await alice.client.data(query, { with: bob.id });
    expect(conversation.messages.edges).toHaveLength(50);
    expect(namesOf(await statementsOf(query, { with: bob.id }))).toEqual([
      expect.stringMatching(/^(message|feed)_page_desc$/),
    ]);
  });

  test.each([
    ['backwards', page().replace('first', 'last')],
    ['with the peer beside them', `id peer { id username } ${page()}`],
    ['with duplicated fields', `${page()} ${page()}`],
    [
      'with aliases inside',
      page().replace('sender {', `from: sender { id ${SINCE} } also: sender { username } sender {`),
    ],
    ['with fragments', `... on Conversation { ${page()} } ... { ${page()} }`],
  ])('%s', async (_, selection) => {
    const statements = await statementsOf(
      `query ($with: ID!) { conversation(with: $with) { ${selection} } }`,
      {
        with: bob.id,
      },
    );
    expect(namesOf(statements)).toEqual([
      expect.stringMatching(/^(message|feed)_page_(asc|desc)(_after|_before)?$/),
    ]);
  });

  test('and none more for a further page under an alias', async () => {
    const query = `query ($with: ID!) { conversation(with: $with) { ${page()} ${page('older: messages')} } }`;
    const names = namesOf(await statementsOf(query, { with: bob.id }));
    expect(names).toEqual([expect.stringMatching(/^(message|feed)_page_desc$/)]);
  });
});

describe('a conversation', () => {
  const STATE = `{ id unreadCount peer { id username } lastMessage ${MESSAGE} }`;

  test('with its last message and unread count takes one statement', async () => {
    const query = `query ($with: ID!) { conversation(with: $with) ${STATE} }`;
    expect(namesOf(await statementsOf(query, { with: bob.id }))).toEqual(['conversation_states']);
  });

  test('takes no more under several names, and as a node', async () => {
    const query = `query ($with: ID!, $other: ID!) {
      a: conversation(with: $with) ${STATE} b: conversation(with: $with) { unreadCount } c: conversation(with: $other) ${STATE}
    }`;
    const variables = { with: bob.id, other: carol.id };
    expect(namesOf(await statementsOf(query, variables))).toEqual(['conversation_states']);
    const { conversation } = await alice.client.data(
      'query ($with: ID!) { conversation(with: $with) { id } }',
      variables,
    );
    const node = `query ($id: ID!) { node(id: $id) { ... on Conversation ${STATE} } }`;
    // First the peer, to see that there is one.
    const names = namesOf(await statementsOf(node, { id: conversation.id }));
    expect(names).toEqual(['users', 'conversation_states']);
  });
});

describe('a page of 20 conversations with peers, last messages, their senders and unread counts takes one statement', () => {
  const FIELDS = `unreadCount peer { id username } lastMessage ${MESSAGE}`;
  const page = (fields: string) =>
    `conversations(first: 20) { edges { cursor node { ${fields} } } pageInfo { hasNextPage } }`;

  test.each([
    ['as it is documented', page(FIELDS)],
    ['with duplicated fields', `${page(FIELDS)} ${page(`${FIELDS} ${FIELDS}`)}`],
    [
      'with aliases inside',
      page(`a: unreadCount b: unreadCount c: lastMessage ${MESSAGE} d: peer { id } ${FIELDS}`),
    ],
    ['with fragments', `... on Query { ${page(`... on Conversation { ${FIELDS} }`)} }`],
  ])('%s', async (_, selection) => {
    const { conversations } = await alice.client.data(`{ ${selection} }`);
    expect(conversations.edges).toHaveLength(20);
    expect(namesOf(await statementsOf(`{ ${selection} }`))).toEqual(['conversation_page_desc']);
  });

  test('backwards', async () => {
    const names = namesOf(await statementsOf(`{ ${page(FIELDS).replace('first', 'last')} }`));
    expect(names).toEqual(['conversation_page_asc']);
  });

  test('and one more for the viewer beside it', async () => {
    const names = namesOf(await statementsOf(`{ viewer { id username } ${page(FIELDS)} }`));
    expect(names.sort()).toEqual(['conversation_page_desc', 'users']);
  });
});

test('nodes of mixed types take one statement for each type, and one for the people of the messages', async () => {
  const { conversation } = await alice.client.data(
    'query ($with: ID!) { conversation(with: $with) { id } }',
    {
      with: bob.id,
    },
  );
  const message = await lastMessageId(bob);
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) {
    id ... on User { username } ... on Message ${MESSAGE} ... on Conversation { unreadCount peer { username } }
  } }`;
  const statements = await statementsOf(query, {
    ids: [conversation.id, message, bob.id, carol.id, alice.id, message],
  });
  expect(namesOf(statements).sort()).toEqual(['conversation_states', 'messages', 'users']);
});

test('inboxCursor beside data takes one transaction on one connection, and both are read in it', async () => {
  const statements = await statementsOf(
    `{ inboxCursor unreadCount viewer { id } conversations(first: 20) { edges { node { lastMessage ${MESSAGE} } } } }`,
  );
  const names = namesOf(statements);
  expect(names[0]).toBe('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  expect(names.at(-1)).toBe('COMMIT');
  const inside = names.slice(1, -1);
  expect(inside).toEqual(
    expect.arrayContaining(['inbox_end', 'unread_count', 'users', 'conversation_page_desc']),
  );
  expect(inside.length).toBeLessThanOrEqual(5);
  expect(connectionsOf(statements).size).toBe(1);
});

test('a report takes one read-only transaction, with a timeout of its own', async () => {
  const authorization = `Bearer ${await tokenOf(alice.name, { admin: true })}`;
  const query = `{ messageReport(since: "2020-01-01T00:00:00Z", until: "2020-02-01T00:00:00Z", interval: DAY) { since } }`;
  const statements = await log.during(async () => {
    const response = await alice.client.post({ query }, { authorization });
    expect(await response.json()).toHaveProperty('data.messageReport');
  });
  expect(namesOf(statements)).toEqual([
    'BEGIN READ ONLY',
    expect.stringMatching(/^SET LOCAL statement_timeout/),
    'message_report',
    'COMMIT',
  ]);
  expect(connectionsOf(statements).size).toBe(1);
});
