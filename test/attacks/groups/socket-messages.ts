import { type Attack, each, type Group } from '../attack.ts';
import { FOLLOW, LIST, MALLORY, WHO } from '../operations.ts';
import { type Said, say, subscribe, untilClosed } from '../senders/socket.ts';

const saying = (name: string, said: readonly Said[], expected: string | readonly string[]): Attack => ({
  name,
  send: (target) => say(target, ...said),
  expected,
});

const REFUSED = 'error QUERY_TOO_COMPLEX, goes on';
const BAD = 'error BAD_USER_INPUT, goes on';
const ME = `${MALLORY}, goes on`;
const INIT = { type: 'connection_init' };
const repeat = (count: number, of: (i: number) => Said) => Array.from({ length: count }, (_, i) => of(i));

const NO_MESSAGES = [
  '',
  '{"type":',
  'null',
  '7',
  '[]',
  '"ping"',
  '{}',
  '{"type":null}',
  '{"type":["ping"]}',
  '{"type":"__proto__"}',
  '{"type":"explode"}',
  '{"id":"1","type":"start","payload":{"query":"{ __typename }"}}',
  '['.repeat(100_000),
];

const WRONG_PAYLOADS = [
  'text',
  {},
  { query: 7 },
  { query: null },
  { query: WHO, variables: '{}' },
  { query: WHO, variables: [1] },
  { query: WHO, operationName: {} },
  { query: WHO, extensions: [1] },
];

/** Names that every object of JavaScript knows. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

export const socketMessages: Group = {
  name: 'socket messages',
  attacks: [
    each('messages that are none', NO_MESSAGES, say, 'closed 4400'),
    each(
      'messages that only servers send',
      [
        { id: '1', type: 'next', payload: {} },
        { id: '1', type: 'error', payload: [{ message: 'x' }] },
        { type: 'connection_ack' },
      ],
      say,
      'closed 4400',
    ),
    saying('a second connection_init', [INIT], 'closed 4429'),
    {
      name: 'a second connection_init at once, before the first is answered',
      send: (t) => untilClosed(t, {}, (wire) => wire.say(INIT)),
      expected: 'closed 4429',
    },
    {
      name: 'an operation before it is let in',
      send: (t) => untilClosed(t, { params: null }, (wire) => wire.say(subscribe('1', WHO))),
      expected: 'closed 4401',
    },
    saying('an id that is in use', [subscribe('a', FOLLOW), subscribe('a', FOLLOW)], 'closed 4409'),
    saying('an id of 100 kB', [subscribe('x'.repeat(100_000), WHO)], ME),
    saying(
      'an id of 10 kB that is in use',
      [subscribe('x'.repeat(10_000), FOLLOW), subscribe('x'.repeat(10_000), FOLLOW)],
      'closed 4409',
    ),
    each('ids that every object knows', INHERITED, (t, id) => say(t, subscribe(id, WHO)), ME),
    saying(
      'the end of operations that never were',
      [...INHERITED, 'x'].map((id) => ({ id, type: 'complete' })),
      'goes on',
    ),
    saying(
      '10,000 ends of operations that never were',
      repeat(10_000, (i) => ({ id: `${i}`, type: 'complete' })),
      'goes on',
    ),
    each<unknown>(
      'ids of a wrong type',
      [7, null, '', {}, ['a']],
      (t, id) => say(t, subscribe(id, WHO)),
      'closed 4400',
    ),
    each<unknown>(
      'operations of a wrong type',
      WRONG_PAYLOADS,
      (t, payload) => say(t, { id: '1', type: 'subscribe', payload }),
      'closed 4400',
    ),
    saying('a document that does not parse', [subscribe('1', '{ viewer {')], BAD),
    saying('a document that is not valid', [subscribe('1', '{ nothing }')], BAD),
    saying(
      'variables of a wrong type',
      [subscribe('1', LIST, { variables: { first: 'x' } })],
      'BAD_USER_INPUT, goes on',
    ),
    saying('an unknown operationName', [subscribe('1', WHO, { operationName: 'B' })], BAD),
    saying(
      'a subscription that @skip leaves empty',
      [subscribe('1', 'subscription { inbox @skip(if: true) { cursor } }')],
      'BAD_USER_INPUT, goes on',
    ),
    saying('20,000 nested braces', [subscribe('1', '{a'.repeat(20_000))], REFUSED),
    saying('100,000 times the same field', [subscribe('1', `{ ${'a '.repeat(100_000)} }`)], REFUSED),
    saying(
      '51 aliases',
      [subscribe('1', `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: __typename`).join(' ')} }`)],
      REFUSED,
    ),
    saying(
      '10,000 ids',
      [
        subscribe(
          '1',
          'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Message { a: messageText b: messageText c: messageText } } }',
          { variables: { ids: Array(10_000).fill('VXNlcjox') } },
        ),
      ],
      REFUSED,
    ),
    saying('a fragment of itself', [subscribe('1', '{ ...a } fragment a on Query { ...a }')], BAD),
    saying(
      'a document by an id that is unknown',
      [subscribe('1', '', { documentId: '../../etc/passwd' })],
      BAD,
    ),
    saying(
      '10,000 pings',
      repeat(10_000, () => ({ type: 'ping', payload: { a: 1 } })),
      'goes on',
    ),
  ],
};
