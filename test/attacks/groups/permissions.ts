import { encodeGlobalId } from '../../../src/schema/global-id.ts';
import { type Attack, each, type Group } from '../attack.ts';
import { MARK, NODE, SEND } from '../operations.ts';
import { createNewcomer, SPOKEN, sign } from '../people.ts';
import { ask } from '../senders/http.ts';
import { say, subscribe, untilClosed, Wire } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const REPORT =
  '{ messageReport(since: "2020-01-01T00:00:00Z", until: "2030-01-01T00:00:00Z", interval: MONTH) { messages } }';
const NO_MESSAGE = encodeGlobalId('Message', '2020-01-01T00:00:00.000000Z/999999');
const NOBODY = encodeGlobalId('User', 999_999);

/** Asks for what is alice's and bob's, and then the same way for what does not exist: the answers may not differ. */
const stranger = (
  name: string,
  ask: (target: Target, of: { message: string; conversation: string }) => Promise<string>,
  expected: string,
): Attack => ({
  name,
  async send(target) {
    const { alice, bob, privateMessage } = target.cast;
    const theirs = await ask(target, {
      message: privateMessage,
      conversation: encodeGlobalId('Conversation', `${alice.row}/${bob.row}`),
    });
    const nothing = await ask(target, {
      message: NO_MESSAGE,
      conversation: encodeGlobalId('Conversation', '999998/999999'),
    });
    return theirs === nothing ? theirs : `${theirs}, but for nothing ${nothing}`;
  },
  expected,
});

const MESSAGE = '... on Message { messageText }';

export const permissions: Group = {
  name: 'permissions',
  attacks: [
    stranger(
      'a stranger’s message by message',
      (t, { message }) => ask(t, 'query ($id: ID!) { message(id: $id) { messageText } }', { id: message }),
      '200 {"message":null}',
    ),
    stranger(
      'a stranger’s message by node',
      (t, { message }) => ask(t, `query ($id: ID!) { node(id: $id) { ${MESSAGE} } }`, { id: message }),
      '200 {"node":null}',
    ),
    stranger(
      'a stranger’s message by nodes',
      (t, { message }) =>
        ask(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { ${MESSAGE} } }`, { ids: [message] }),
      '200 {"nodes":[null]}',
    ),
    stranger(
      'a stranger’s conversation by node',
      (t, { conversation }) =>
        ask(
          t,
          'query ($id: ID!) { node(id: $id) { ... on Conversation { unreadCount lastMessage { messageText } } } }',
          { id: conversation },
        ),
      '200 {"node":null}',
    ),
    stranger(
      'a stranger’s message on a socket',
      (t, { message }) =>
        say(
          t,
          subscribe('1', `query ($id: ID!) { node(id: $id) { ${MESSAGE} } }`, { variables: { id: message } }),
        ),
      '{"node":null}, goes on',
    ),
    stranger(
      'marking up to a stranger’s message',
      (t, { message }) => ask(t, MARK, { input: { with: t.cast.bob.id, upTo: message } }),
      '200 NOT_FOUND',
    ),
    {
      name: 'the other side of one’s own conversation',
      send: (t) =>
        ask(t, NODE, { id: encodeGlobalId('Conversation', `${t.cast.bob.row}/${t.cast.mallory.row}`) }),
      expected: '200 {"node":null}',
    },
    {
      name: 'a stranger’s message by its number, at another time',
      send: (t) => {
        const key = Buffer.from(t.cast.privateMessage, 'base64url').toString().split(':').slice(1).join(':');
        return ask(t, 'query ($id: ID!) { message(id: $id) { id } }', {
          id: encodeGlobalId('Message', key.replace(/^\d{4}/, '2020')),
        });
      },
      expected: '200 {"message":null}',
    },
    {
      name: 'the conversation with oneself',
      send: (t) =>
        ask(t, 'query ($with: ID!) { conversation(with: $with) { unreadCount } }', {
          with: t.cast.mallory.id,
        }),
      expected: '200 {"conversation":{"unreadCount":0}}',
    },
    {
      name: 'the conversation with nobody',
      send: (t) =>
        ask(t, 'query ($with: ID!) { conversation(with: $with) { unreadCount } }', { with: NOBODY }),
      expected: '200 NOT_FOUND',
    },
    {
      name: 'marking as read where one is nobody’s peer',
      send: (t) => ask(t, MARK, { input: { with: t.cast.alice.id } }),
      expected: '200 {"markConversationRead":{"markedCount":0}}',
    },
    { name: 'a report without the role', send: (t) => ask(t, REPORT), expected: '200 FORBIDDEN' },
    {
      name: 'a report without a token',
      send: (t) => ask(t, REPORT, {}, { token: null }),
      expected: '200 UNAUTHENTICATED',
    },
    {
      name: 'a report on a socket without the role',
      send: (t) => say(t, subscribe('1', REPORT)),
      expected: 'FORBIDDEN, goes on',
    },
    each(
      'fields without a token',
      [
        'viewer { id }',
        'unreadCount',
        'inboxCursor',
        'conversations { edges { cursor } }',
        'user(username: "alice") { id }',
        'nodes(ids: []) { id }',
      ],
      (t, field) => ask(t, `{ ${field} }`, {}, { token: null }),
      '200 UNAUTHENTICATED',
    ),
    {
      name: 'a send without a token',
      send: (t) =>
        ask(
          t,
          `mutation { sendMessage(input: { receiverId: "${t.cast.bob.id}", messageText: "${SPOKEN}" }) { message { id } } }`,
          {},
          { token: null },
        ),
      expected: '200 UNAUTHENTICATED',
    },
    {
      name: 'an admin who reads other people’s messages',
      send: async (t) =>
        ask(
          t,
          'query ($id: ID!) { message(id: $id) { messageText } }',
          { id: t.cast.privateMessage },
          { token: await sign('mallory', { admin: true }) },
        ),
      expected: '200 {"message":null}',
    },
    {
      name: 'the token of a deleted user',
      send: (t) => afterDeletion(t, (token) => ask(t, '{ viewer { username } }', {}, { token })),
      expected: ['401 UNAUTHENTICATED', '200 UNAUTHENTICATED'],
    },
    {
      name: 'a send with the token of a deleted user',
      send: (t) =>
        afterDeletion(t, (token) =>
          ask(t, SEND, { input: { receiverId: t.cast.bob.id, messageText: SPOKEN } }, { token }),
        ),
      expected: ['401 UNAUTHENTICATED', '200 UNAUTHENTICATED'],
    },
    {
      name: 'a new socket with the token of a deleted user',
      send: (t) =>
        afterDeletion(t, (token) => untilClosed(t, { params: { authorization: `Bearer ${token}` } })),
      expected: 'closed 4403',
    },
    {
      name: 'the open socket of a user who is deleted',
      send: openWhileDeleted,
      expected: 'closed 4403',
    },
  ],
};

/** Makes a user, lets the server know them, and deletes them. */
async function afterDeletion(target: Target, act: (token: string) => Promise<string>): Promise<string> {
  const { row, token } = await createNewcomer(target.pool);
  await ask(target, '{ viewer { id } }', {}, { token });
  await target.pool.query('DELETE FROM users WHERE id = $1', [row]);
  return act(token);
}

async function openWhileDeleted(target: Target): Promise<string> {
  const { row, token } = await createNewcomer(target.pool);
  const wire = new Wire(target, { params: { authorization: `Bearer ${token}` } });
  try {
    await wire.opened();
    await wire.follow();
    wire.say(subscribe('1', '{ viewer { username } }'));
    await wire.answer('1');
    await target.pool.query('DELETE FROM users WHERE id = $1', [row]);
    return await wire.answer('watch');
  } finally {
    wire.drop();
  }
}
