import { expect, test } from '@jest/globals';
import { getIntrospectionQuery, getOperationAST, parse, validate } from 'graphql';
import { queryCost } from '../../../src/edge/limits/query-cost.ts';
import { schema } from '../../../src/schema/schema.ts';

function costOf(text: string, variables: Record<string, unknown> = {}): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('one operation');
  return queryCost({ schema, document, operation, variables });
}

test('a value is one, and an object one more than what it holds', () => {
  expect(costOf('{ unreadCount }')).toBe(1);
  expect(costOf('{ viewer { id username __typename } }')).toBe(4);
});

test('a message text counts as ten', () => {
  expect(costOf('{ message(id: "x") { id messageText } }')).toBe(12);
});

const page = (size: string) => `{ conversations${size} { edges { node { unreadCount } } } }`;

test('a page counts what it would have if it were full', () => {
  expect(costOf(page('(first: 7)'))).toBe(1 + 7 * 3);
  expect(costOf(page('(last: 7)'))).toBe(1 + 7 * 3);
  expect(costOf(page(''))).toBe(1 + 20 * 3);
});

test('a size beyond what a page may have is left for the field to refuse', () => {
  expect(costOf(page('(first: 1000000000)'))).toBe(1 + 100 * 3);
  expect(costOf(page('(first: -1)'))).toBe(1 + 100 * 3);
  expect(costOf(`query ($n: Int) ${page('(first: $n)')}`, { n: 'many' })).toBe(1 + 100 * 3);
});

test('a size in a variable counts, and so does its default', () => {
  const sized = `query ($n: Int = 9) ${page('(first: $n)')}`;
  expect(costOf(sized, { n: 4 })).toBe(1 + 4 * 3);
  expect(costOf(sized)).toBe(1 + 9 * 3);
});

test('a document that comes again is counted by the sizes that come with it', () => {
  const document = parse(
    `query ($n: Int, $ids: [ID!]!, $name: String!) { user(username: $name) { id } nodes(ids: $ids) { id } ${page('(first: $n)').slice(2)}`,
  );
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('one operation');
  const cost = (n: number | null, ids: string[], name: string) =>
    queryCost({ schema, document, operation, variables: { n, ids, name } });
  for (const name of ['x', 'y']) {
    expect(cost(1, ['a'], name)).toBe(2 + 1 + 1 + (1 + 3));
    expect(cost(2, ['b'], name)).toBe(2 + 1 + 1 + (1 + 6));
    expect(cost(2, ['b', 'c'], name)).toBe(2 + 1 + 2 + (1 + 6));
    expect(cost(null, ['b', 'c'], name)).toBe(2 + 1 + 2 + (1 + 60));
  }
});

test.each(['constructor', 'toString', '__proto__'])(
  'a variable called %s has the value that was sent, or its default',
  (name) => {
    const sized = `query ($${name}: Int = 9) ${page(`(first: $${name})`)}`;
    expect(costOf(sized)).toBe(1 + 9 * 3);
    expect(costOf(sized, JSON.parse(`{ "${name}": 4 }`))).toBe(1 + 4 * 3);
  },
);

test('pages within pages multiply', () => {
  const nested =
    '{ conversations(first: 10) { edges { node { messages(first: 5) { edges { node { id } } } } } } }';
  expect(costOf(nested)).toBe(1 + 10 * (2 + (1 + 5 * 3)));
});

test('nodes count by their ids', () => {
  const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  expect(costOf(nodes, { ids: ['a', 'b', 'c'] })).toBe(1 + 3);
  expect(costOf('{ nodes(ids: ["a", "b"]) { id ... on Message { messageText } } }')).toBe(1 + 2 * 11);
});

test('a fragment counts at each use', () => {
  expect(costOf('{ viewer { ...F } user(username: "x") { ...F } } fragment F on User { id username }')).toBe(
    6,
  );
});

test('thirty fragments that double each other are counted at once', () => {
  const fragments = Array.from(
    { length: 30 },
    (_, i) =>
      `fragment F${i} on Conversation { a: messages(first: 100) { edges { node { id } } } ...F${i + 1} ... on Conversation { ...F${i + 1} } }`,
  );
  const cost = costOf(
    `{ node(id: "x") { ...F0 } } ${fragments.join(' ')} fragment F30 on Conversation { id }`,
  );
  expect(cost).toBeGreaterThan(2 ** 30);
});

test('an event counts with the hundred messages that it can name', () => {
  expect(costOf('subscription { inbox { cursor ... on MessagesRead { messages { id } } } }')).toBe(
    1 + 1 + 1 + 100,
  );
  expect(costOf('subscription { inbox { ... on MessagesDeleted { messageIds } } }')).toBe(1 + 100);
});

const DEFAULT_MAX_COST = 250_000;

test('reading a whole schema, a report, and all of a hundred conversations of a hundred messages stay below the default', () => {
  expect(costOf(getIntrospectionQuery())).toBeLessThan(DEFAULT_MAX_COST);
  const report =
    '{ messageReport(since: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z", interval: HOUR) { since messages readShare activeSenders } }';
  expect(costOf(report)).toBe(1 + 10_000 * 4);
  const everything = `{ conversations(first: 100) { edges { node { unreadCount messages(first: 100) { edges { node {
    id messageText isRead createdAt sender { username } receiver { username } } } } } } } }`;
  expect(costOf(everything)).toBeLessThan(DEFAULT_MAX_COST);
});
