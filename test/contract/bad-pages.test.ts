import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startWrongAsker, type WrongAsker } from '../support/bad-input.ts';
import { INBOX } from '../support/client.ts';
import { CONVERSATION_PAGE, MESSAGE_PAGE } from '../support/pages.ts';
import type { Person } from '../support/people.ts';
import { overSocket } from '../support/transports.ts';

type Cursors = Record<'messages' | 'conversations' | 'inbox', string>;

let asker: WrongAsker;
let mine: Cursors;
let bobs: Cursors;
let carols: Cursors;

beforeAll(async () => {
  asker = await startWrongAsker();
  const { alice, bob, carol } = asker;
  mine = await cursorsOf(alice, bob);
  bobs = await cursorsOf(bob, alice);
  carols = await cursorsOf(carol, bob);
});

afterAll(async () => {
  await asker[Symbol.asyncDispose]();
});

async function cursorsOf(viewer: Person, peer: Person): Promise<Cursors> {
  const { conversation, conversations, inboxCursor } = await viewer.client.data(
    `query ($with: ID!) {
      conversation(with: $with) { messages { pageInfo { startCursor } } }
      conversations { pageInfo { startCursor } } inboxCursor
    }`,
    { with: peer.id },
  );
  return {
    messages: conversation.messages.pageInfo.startCursor,
    conversations: conversations.pageInfo.startCursor,
    inbox: inboxCursor,
  };
}

const LISTS = [
  ['messages', MESSAGE_PAGE],
  ['conversations', CONVERSATION_PAGE],
] as const;

const badArgument = (argument: string) => ({
  code: 'BAD_USER_INPUT',
  argument,
  message: expect.stringContaining(argument),
});

const page = (query: string, request: object) =>
  asker.refusal({ query, variables: { with: asker.bob.id, ...request } });

/** Each cursor with one character changed, left out or doubled. */
function mangled(cursor: string): string[] {
  return [...cursor].flatMap((character, i) => {
    const [before, after] = [cursor.slice(0, i), cursor.slice(i + 1)];
    return [`${before}${character === 'A' ? 'B' : 'A'}${after}`, before + after];
  });
}

describe.each(LISTS)('a page of %s', (list, query) => {
  test.each([
    ['none', 0],
    ['less than none', -1],
    ['more than 100', 101],
    ['as many as an Int holds', 2_147_483_647],
    ['as few as an Int holds', -2_147_483_648],
  ])('with %s is refused', async (_, size) => {
    expect(await page(query, { first: size })).toEqual(badArgument('first'));
    expect(await page(query, { last: size })).toEqual(badArgument('last'));
  });

  test('from both ends is refused, even when one end is out of range', async () => {
    expect(await page(query, { first: 5, last: 5 })).toEqual(badArgument('last'));
    expect(await page(query, { first: 5, last: 0 })).toEqual(badArgument('last'));
  });

  test.each([
    ['empty', () => ''],
    ['a word', () => 'nonsense'],
    ['an offset', () => Buffer.from('arrayconnection:1').toString('base64')],
    ['of the other list', () => mine[list === 'messages' ? 'conversations' : 'messages']],
    ['of the inbox', () => mine.inbox],
    ["of the peer's side", () => bobs[list]],
    ["of a stranger's list", () => carols[list]],
    ['padded', () => `${mine[list]}=`],
    ['with a blank', () => ` ${mine[list]}`],
    ['twice', () => mine[list] + mine[list]],
    ['with NUL', () => `${mine[list]}\0`],
    ['with a lone surrogate', () => `${mine[list]}\udfff`],
    ['an id', () => asker.bob.id],
    ['very long', () => mine[list].repeat(500)],
  ])('after a cursor that is %s is refused', async (_, cursor) => {
    expect(await page(query, { after: cursor() })).toEqual(badArgument('after'));
    expect(await page(query, { last: 2, before: cursor() })).toEqual(badArgument('before'));
  });

  test('after a cursor with one character changed or lost is refused', async () => {
    const cursors = mangled(mine[list]);
    expect(cursors.length).toBeGreaterThan(60);
    const fields = cursors.map((cursor, i) =>
      list === 'messages'
        ? `c${i}: conversation(with: ${JSON.stringify(asker.bob.id)}) { messages(after: ${JSON.stringify(cursor)}) { edges { cursor } } }`
        : `c${i}: conversations(after: ${JSON.stringify(cursor)}) { edges { cursor } }`,
    );
    const answers = await Promise.all(fields.map((field) => asker.alice.client.ask(`{ ${field} }`)));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions)).toEqual(
      cursors.map(() => ({ code: 'BAD_USER_INPUT', argument: 'after' })),
    );
  });
});

test('a page of messages after a cursor of another conversation of the viewer is refused', async () => {
  const { bob, carol, alice } = asker;
  const refused = await asker.refusal({
    query: MESSAGE_PAGE,
    variables: { with: carol.id, after: mine.messages },
  });
  expect(refused).toEqual(badArgument('after'));
  expect(
    (await alice.client.ask(MESSAGE_PAGE, { with: bob.id, after: mine.messages })).errors,
  ).toBeUndefined();
});

test.each([
  ['empty', () => ''],
  ['a word', () => 'nonsense'],
  ['of a list', () => mine.conversations],
  ['of another inbox', () => bobs.inbox],
  ['with its last character lost', () => mine.inbox.slice(0, -1)],
  ['with NUL', () => `${mine.inbox}\0`],
])('a subscription after a cursor that is %s is answered with that, and ends', async (_, after) => {
  const socket = await asker.alice.client.socket();
  const answers: unknown[] = [];
  for await (const answer of socket.iterate({ query: INBOX, variables: { after: after() } }))
    answers.push(answer);
  await socket.dispose();
  expect(answers).toEqual([
    { errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } })] },
  ]);
});

test('a subscription after something that is no text is refused', async () => {
  const socket = await asker.alice.client.socket();
  const { errors } = await overSocket(socket)({ query: INBOX, variables: { after: 5 } });
  await socket.dispose();
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    { code: 'BAD_USER_INPUT', argument: 'after' },
  ]);
});

test('none of this has changed a row or disturbed the subscription beside it', () => asker.expectNoHarm());
