import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startWrongAsker, type WrongAsker } from '../support/bad-input.ts';
import { MARK_READ, SEND } from '../support/messages.ts';

let asker: WrongAsker;

beforeAll(async () => {
  asker = await startWrongAsker();
});

afterAll(async () => {
  await asker[Symbol.asyncDispose]();
});

const badArgument = (argument: string) => ({
  code: 'BAD_USER_INPUT',
  argument,
  message: expect.stringContaining(argument),
});

const UNSTORABLE = [
  ['with NUL', 'a\0b'],
  ['of NUL alone', '\0'],
  ['with a high surrogate alone', 'a\ud800b'],
  ['with a low surrogate alone', '\udc00'],
  ['with surrogates in the wrong order', '\ude00\ud83d'],
  ['cut in the middle of an emoji', '😀'.slice(0, 1)],
] as const;

const TOO_LONG = 10_001;

describe('a message text', () => {
  test.each([
    ...UNSTORABLE,
    ['that is empty', ''],
    ['of a blank', ' '],
    ['of blanks of all kinds', ' \t\n\r\v\f\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff'],
    ['of 10,001 letters', 'x'.repeat(TOO_LONG)],
    ['of 10,001 emoji', '🎈'.repeat(TOO_LONG)],
    ['of 10,001 characters of which most are blanks', `x${' '.repeat(TOO_LONG - 1)}`],
  ])('%s is refused, with and without a key', async (_, messageText) => {
    const input = { receiverId: asker.bob.id, messageText };
    for (const idempotencyKey of [undefined, 'key'])
      expect(
        await asker.refusal({ query: SEND, variables: { input: { ...input, idempotencyKey } } }),
      ).toEqual(badArgument('messageText'));
  });

  test('with a lone surrogate is refused however it is written: in JSON, and in the document', async () => {
    const escaped = JSON.stringify({
      query: SEND,
      variables: { input: { receiverId: asker.bob.id, messageText: 'X' } },
    });
    const inJson = await asker.alice.client.post(escaped.replace('"X"', '"\\ud800"'));
    const answer = (await inJson.json()) as { errors: { extensions: object }[] };
    expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: 'messageText' });
    const literal = `mutation { sendMessage(input: { receiverId: "${asker.bob.id}", messageText: "\\uD800" }) { message { id } } }`;
    expect((await asker.refusal({ query: literal })).code).toBe('BAD_USER_INPUT');
  });

  test('to oneself is refused', async () => {
    const input = { receiverId: asker.alice.id, messageText: 'note to self' };
    expect(await asker.refusal({ query: SEND, variables: { input } })).toEqual(badArgument('receiverId'));
  });
});

test.each([
  ...UNSTORABLE,
  ['that is empty', ''],
  ['of 201 characters', 'k'.repeat(201)],
  ['of 100,000 characters', 'k'.repeat(100_000)],
])('an idempotency key %s is refused', async (_, idempotencyKey) => {
  const input = { receiverId: asker.bob.id, messageText: 'hi', idempotencyKey };
  expect(await asker.refusal({ query: SEND, variables: { input } })).toEqual(badArgument('idempotencyKey'));
});

test.each(UNSTORABLE)('a username %s is refused', async (_, username) => {
  const query = 'query ($username: String!) { user(username: $username) { id } }';
  expect(await asker.refusal({ query, variables: { username } })).toEqual(badArgument('username'));
});

describe('a value of the wrong type', () => {
  const CONVERSATION = 'query ($with: ID!) { conversation(with: $with) { id } }';
  const REPORT =
    'query ($a: DateTime!, $b: DateTime!, $i: ReportInterval!) { messageReport(since: $a, until: $b, interval: $i) { since } }';
  const report = (more: object) => ({
    a: '2026-01-01T00:00:00Z',
    b: '2026-02-01T00:00:00Z',
    i: 'DAY',
    ...more,
  });

  test.each([
    ['with', CONVERSATION, { with: 1.5 }],
    ['with', CONVERSATION, { with: true }],
    ['with', CONVERSATION, { with: ['x'] }],
    ['with', CONVERSATION, { with: null }],
    ['with', CONVERSATION, {}],
    ['with', 'query ($peer: ID!) { conversation(with: $peer) { id } }', {}],
    ['with', 'query ($peer: ID!) { conversation(with: $peer) { id } }', { peer: {} }],
    ['with', '{ conversation { id } }', {}],
    ['with', '{ conversation(with: 1.5) { id } }', {}],
    ['with', '{ conversation(with: null) { id } }', {}],
    ['peer', '{ conversation(with: "x", peer: "x") { id } }', {}],
    ['input', SEND, {}],
    ['input', SEND, { input: null }],
    ['input', SEND, { input: 'hello' }],
    ['messageText', SEND, { input: { receiverId: 'x' } }],
    ['messageText', SEND, { input: { receiverId: 'x', messageText: 5 } }],
    ['messageText', SEND, { input: { receiverId: 'x', messageText: null } }],
    ['receiverId', SEND, { input: { receiverId: 1.5, messageText: 'x' } }],
    ['idempotencyKey', SEND, { input: { receiverId: 'x', messageText: 'x', idempotencyKey: 1 } }],
    ['messageText', 'mutation { sendMessage(input: { receiverId: "x" }) { message { id } } }', {}],
    [
      'messageText',
      'mutation { sendMessage(input: { receiverId: "x", messageText: 5 }) { message { id } } }',
      {},
    ],
    ['upTo', MARK_READ, { input: { with: 'x', upTo: {} } }],
    ['first', '{ conversations(first: "5") { edges { cursor } } }', {}],
    ['first', '{ conversations(first: 1.5) { edges { cursor } } }', {}],
    ['first', '{ conversations(first: 2147483648) { edges { cursor } } }', {}],
    ['first', 'query ($n: Int) { conversations(first: $n) { edges { cursor } } }', { n: '5' }],
    ['first', 'query ($n: Int) { conversations(first: $n) { edges { cursor } } }', { n: 1.5 }],
    ['first', 'query ($n: String) { conversations(first: $n) { edges { cursor } } }', { n: 'x' }],
    ['ids', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['x', null] }],
    ['ids', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [{}] }],
    ['since', REPORT, report({ a: 'yesterday' })],
    ['since', REPORT, report({ a: 1_700_000_000 })],
    ['since', REPORT, report({ a: '2026-02-30T00:00:00Z' })],
    ['since', REPORT, report({ a: '2026-01-01' })],
    ['since', REPORT, report({ a: '2026-01-01T00:00:00' })],
    ['since', REPORT, report({ a: '0000-01-01T00:00:00Z' })],
    ['until', REPORT, report({ b: '10000-01-01T00:00:00Z' })],
    ['until', REPORT, report({ b: '9999-12-31T23:59:59-01:00' })],
    ['interval', REPORT, report({ i: 'WEEK' })],
    ['interval', REPORT, report({ i: 'day' })],
    ['since', '{ messageReport(since: "x", until: "2026-01-01T00:00:00Z", interval: DAY) { since } }', {}],
    [
      'interval',
      '{ messageReport(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", interval: "DAY") { since } }',
      {},
    ],
  ])('%s: %s %j', async (argument, query, variables) => {
    expect(await asker.refusal({ query, variables })).toEqual({
      code: 'BAD_USER_INPUT',
      argument,
      message: expect.any(String),
    });
  });

  test('extra input fields are refused, and named', async () => {
    const input = { receiverId: asker.bob.id, messageText: 'hi', senderId: asker.carol.id };
    const refusal = await asker.refusal({ query: SEND, variables: { input } });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('senderId') });
  });
});

test('none of this has changed a row or disturbed the subscription beside it', () => asker.expectNoHarm());
