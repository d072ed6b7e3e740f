import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startWrongAsker, type WrongAsker } from '../support/bad-input.ts';
import { MARK_READ, SEND } from '../support/messages.ts';

let asker: WrongAsker;
/** Ids that only this test's own database can give. */
let ids: Record<'bob' | 'ofAlice' | 'foreign' | 'betweenOthers', string>;

beforeAll(async () => {
  asker = await startWrongAsker();
  const { alice, bob, carol } = asker;
  const last = 'query ($with: ID!) { conversation(with: $with) { id lastMessage { id } } }';
  const own = await alice.client.data(last, { with: bob.id });
  const other = await carol.client.data(last, { with: bob.id });
  ids = {
    bob: bob.id,
    ofAlice: own.conversation.lastMessage.id,
    foreign: other.conversation.lastMessage.id,
    betweenOthers: other.conversation.id,
  };
});

afterAll(async () => {
  await asker[Symbol.asyncDispose]();
});

const id = (text: string) => Buffer.from(text).toString('base64url');
const NOW = '2026-01-01T00:00:00.000000Z';

const NO_IDS = [
  ['empty', ''],
  ['a word', 'nonsense'],
  ['a number', '1'],
  ['of no type', id(':1')],
  ['of an unknown type', id('Thing:1')],
  ['without a key', id('User:')],
  ['of a type in small letters', id('user:1')],
  ['with a letter that is no ASCII', id('User:é')],
  ['with bytes that are no text', Buffer.from([0x55, 0x73, 0x65, 0x72, 0x3a, 0xff]).toString('base64url')],
  ['with NUL', 'VXNl\0cjox'],
  ['with a lone surrogate', '\ud800'],
  ['very long', 'VXNl'.repeat(2_000)],
] as const;

const NO_USERS = [
  ...NO_IDS,
  ['padded as base64', `${id('User:1')}==`],
  ['of user 0', id('User:0')],
  ['of a negative user', id('User:-1')],
  ['of a fraction', id('User:1.5')],
  ['of a number with a leading zero', id('User:01')],
  ['of a number with a blank', id('User: 1')],
  ['of a number that no INT holds', id('User:2147483648')],
  ['of a number that no double holds', id('User:99999999999999999999')],
  ['of SQL', id("User:1' OR '1'='1")],
  ['of a message', id(`Message:${NOW}/1`)],
  ['of a conversation', id('Conversation:1/2')],
] as const;

const NO_MESSAGES = [
  ...NO_IDS,
  ['of a user', id('User:1')],
  ['without a time', id('Message:1')],
  ['without a number', id(`Message:${NOW}/`)],
  ['with more behind', id(`Message:${NOW}/1/1`)],
  ['of milliseconds', id('Message:2026-01-01T00:00:00.000Z/1')],
  ['of a day that does not exist', id('Message:2026-02-30T00:00:00.000000Z/1')],
  ['of a year that PostgreSQL does not have', id('Message:0000-01-01T00:00:00.000000Z/1')],
  ['of an infinite time', id('Message:infinity/1')],
  ['of number 0', id(`Message:${NOW}/0`)],
  ['of a number that no BIGINT holds', id(`Message:${NOW}/9223372036854775808`)],
] as const;

const bad = (argument: string) => ({
  code: 'BAD_USER_INPUT',
  argument,
  message: expect.stringContaining(argument),
});

const NOT_FOUND = { code: 'NOT_FOUND', message: expect.any(String) };
const UNKNOWN_USER = id('User:2147483647');
const UNKNOWN_MESSAGE = id('Message:9999-12-31T23:59:59.999999Z/9223372036854775807');

describe('where a user is asked for, an id', () => {
  test.each(NO_USERS)('%s is refused', async (_, value) => {
    const conversation = 'query ($id: ID!) { conversation(with: $id) { id } }';
    expect(await asker.refusal({ query: conversation, variables: { id: value } })).toEqual(bad('with'));
    const send = { receiverId: value, messageText: 'hi' };
    expect(await asker.refusal({ query: SEND, variables: { input: send } })).toEqual(bad('receiverId'));
    expect(await asker.refusal({ query: MARK_READ, variables: { input: { with: value } } })).toEqual(
      bad('with'),
    );
  });

  test('of nobody is not found', async () => {
    const conversation = 'query ($id: ID!) { conversation(with: $id) { id } }';
    expect(await asker.refusal({ query: conversation, variables: { id: UNKNOWN_USER } })).toEqual(NOT_FOUND);
    const send = { receiverId: UNKNOWN_USER, messageText: 'hi' };
    expect(await asker.refusal({ query: SEND, variables: { input: send } })).toEqual(NOT_FOUND);
    const keyed = { ...send, idempotencyKey: 'k' };
    expect(await asker.refusal({ query: SEND, variables: { input: keyed } })).toEqual(NOT_FOUND);
    const mark = { with: UNKNOWN_USER };
    expect(await asker.refusal({ query: MARK_READ, variables: { input: mark } })).toEqual(NOT_FOUND);
  });
});

describe('where a message is asked for, an id', () => {
  test.each(NO_MESSAGES)('%s is refused', async (_, value) => {
    const message = 'query ($id: ID!) { message(id: $id) { id } }';
    expect(await asker.refusal({ query: message, variables: { id: value } })).toEqual(bad('id'));
    const input = { with: ids.bob, upTo: value };
    expect(await asker.refusal({ query: MARK_READ, variables: { input } })).toEqual(bad('upTo'));
  });

  test('that is not of this conversation is not found, whoever has it', async () => {
    const refusals = await Promise.all(
      [ids.foreign, UNKNOWN_MESSAGE].map((upTo) =>
        asker.refusal({ query: MARK_READ, variables: { input: { with: ids.bob, upTo } } }),
      ),
    );
    expect(refusals).toEqual([NOT_FOUND, NOT_FOUND]);
    expect(refusals[0]).toEqual(refusals[1]);
    const elsewhere = { with: asker.carol.id, upTo: ids.ofAlice };
    expect(await asker.refusal({ query: MARK_READ, variables: { input: elsewhere } })).toEqual(NOT_FOUND);
  });
});

describe('where any object is asked for, an id', () => {
  test.each(NO_IDS)('%s is refused', async (_, value) => {
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect(await asker.refusal({ query: node, variables: { id: value } })).toEqual(bad('id'));
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    expect(await asker.refusal({ query: nodes, variables: { ids: [ids.bob, value] } })).toEqual(bad('ids'));
  });

  test.each([
    'User:0',
    'User:2147483648',
    'User:x',
    'Message:x',
    'Message:x/1',
    `Message:${NOW}/9223372036854775808`,
    'Message:0000-01-01T00:00:00.000000Z/1',
    'Conversation:1',
    'Conversation:1/2/3',
    'Conversation:0/0',
    'Conversation:x/y',
    "User:' OR true --",
    'Message:infinity/1',
  ])('%s, which no object can have, is refused', async (key) => {
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect(await asker.refusal({ query: node, variables: { id: id(key) } })).toEqual(bad('id'));
  });

  test('that the server gave to others, or might give, stands for nothing', async () => {
    const { nodes } = await asker.alice.client.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: [ids.foreign, ids.betweenOthers, UNKNOWN_MESSAGE, UNKNOWN_USER],
    });
    expect(nodes).toEqual([null, null, null, null]);
  });
});

test('none of this has changed a row or disturbed the subscription beside it', () => asker.expectNoHarm());
