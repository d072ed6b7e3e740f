import { encodeGlobalId } from '../../../src/schema/global-id.ts';
import { type Attack, BAD_VARIABLE, each, type Group } from '../attack.ts';
import { LIST, MARK, MESSAGES, NODE, NODES, REPORT, SEND, USER } from '../operations.ts';
import { SPOKEN } from '../people.ts';
import { ask } from '../senders/http.ts';
import type { Target } from '../target.ts';

const REFUSED = '200 BAD_USER_INPUT';
const TIME = '2026-11-22T10:00:00.000000Z';

/** Keys that no id of this server has. */
const FORGED: readonly (readonly [type: string, key: string])[] = [
  ['User', '1 or 1=1'],
  ['User', "1'; drop table users; --"],
  ['User', '1::text'],
  ['User', '-1'],
  ['User', '0'],
  ['User', '01'],
  ['User', '1e3'],
  ['User', '2147483648'],
  ['User', '9'.repeat(1_000)],
  ['Message', `${TIME}/1 or 1=1`],
  ['Message', `${TIME}/9223372036854775808`],
  ['Message', 'infinity/1'],
  ['Message', '2026-02-30T10:00:00.000000Z/1'],
  ['Conversation', '1/2/3'],
  ['Admin', '1'],
  ['__proto__', '1'],
  ['constructor', '1'],
  ['Query', ''],
];

const INJECTIONS = [
  `' or '1'='1`,
  `'; drop table messages; --`,
  `') union all select * from users --`,
  '$1',
  '\\',
  `%' escape '`,
];

const sendTo = (receiverId: string, messageText = SPOKEN) => ({ input: { receiverId, messageText } });

/** SQL is no such thing, or bad input; never a fault, and never more than there is. */
const injected = (
  argument: string,
  send: (target: Target, sql: string) => Promise<string>,
  expected = REFUSED,
): Attack => each(`SQL in ${argument}`, INJECTIONS, send, expected);

export const ids: Group = {
  name: 'ids',
  attacks: [
    each('forged ids', FORGED, (t, [type, key]) => ask(t, NODE, { id: encodeGlobalId(type, key) }), REFUSED),
    each(
      'texts that are no id',
      ['', ' ', '\0', '\ud83d', 'x'.repeat(200_000), '../../etc/passwd'],
      (t, id) => ask(t, NODE, { id }),
      REFUSED,
    ),
    {
      name: 'an id spelled otherwise in Base64',
      send: (t) => ask(t, NODE, { id: `${t.cast.bob.id}=` }),
      expected: REFUSED,
    },
    {
      name: 'ids that are numbers',
      send: (t) => ask(t, NODES, { ids: [1, -1, 9007199254740991] }),
      expected: REFUSED,
    },
    {
      name: 'one bad id among good ones',
      send: (t) => ask(t, NODES, { ids: [t.cast.bob.id, 'bad'] }),
      expected: REFUSED,
    },
    {
      name: 'a message as the receiver',
      send: (t) => ask(t, SEND, sendTo(t.cast.ownMessage)),
      expected: REFUSED,
    },
    {
      name: 'a user as the message to read up to',
      send: (t) => ask(t, MARK, { input: { with: t.cast.bob.id, upTo: t.cast.bob.id } }),
      expected: REFUSED,
    },
    {
      name: 'a receiver who is not there',
      send: (t) => ask(t, SEND, sendTo(encodeGlobalId('User', 2_147_483_647))),
      expected: '200 NOT_FOUND',
    },
    injected('username', (t, name) => ask(t, USER, { name }), '200 {"user":null}'),
    injected('id', (t, id) => ask(t, NODE, { id })),
    injected('ids', (t, id) => ask(t, NODES, { ids: [id] })),
    injected('with', (t, id) => ask(t, MESSAGES, { with: id })),
    injected('after', (t, after) => ask(t, LIST, { after })),
    injected('before', (t, before) => ask(t, LIST, { before })),
    injected('receiverId', (t, id) => ask(t, SEND, sendTo(id))),
    injected('upTo', (t, id) => ask(t, MARK, { input: { with: t.cast.bob.id, upTo: id } })),
    injected('since', (t, since) => ask(t, REPORT, { since, until: TIME, interval: 'DAY' }), BAD_VARIABLE),
    injected(
      'interval',
      (t, interval) => ask(t, REPORT, { since: TIME, until: TIME, interval }),
      BAD_VARIABLE,
    ),
    {
      ...injected(
        'messageText and idempotencyKey',
        async (t, sql) => {
          const input = { receiverId: t.cast.bob.id, messageText: `${SPOKEN} ${sql}`, idempotencyKey: sql };
          const answer = await ask(t, SEND, { input });
          return answer.replace(JSON.stringify(input.messageText), 'the same text');
        },
        '200 {"sendMessage":{"message":{"messageText":the same text}}}',
      ),
      writes: INJECTIONS.length,
    },
  ],
};
