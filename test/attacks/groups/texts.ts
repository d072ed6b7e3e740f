import { type Attack, BAD_VARIABLE, each, type Group } from '../attack.ts';
import { SEND, USER } from '../operations.ts';
import { SPOKEN } from '../people.ts';
import { ask, exchange } from '../senders/http.ts';
import { say, subscribe } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const REFUSED = '200 BAD_USER_INPUT';

const inputOf = (target: Target, messageText: unknown, more: object = {}) => ({
  input: { receiverId: target.cast.bob.id, messageText, ...more },
});

const refusedText = (
  name: string,
  text: unknown,
  expected: string | readonly string[] = REFUSED,
): Attack => ({
  name,
  send: (target) => ask(target, SEND, inputOf(target, text)),
  expected,
});

/** What was sent is what is stored, to the last code unit. */
const keptText = (name: string, text: string): Attack => ({
  name,
  async send(target) {
    const body = JSON.stringify({ query: SEND, variables: inputOf(target, text) });
    const answer = await exchange(target, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const shown = JSON.parse(answer.body).data?.sendMessage?.message.messageText;
    const { rows } = await target.pool.query(
      'SELECT coalesce(full_text, message_text) AS text FROM messages WHERE sender_id = $1 ORDER BY id DESC LIMIT 1',
      [target.cast.mallory.row],
    );
    return shown === text && rows[0]?.text === text ? 'kept exactly' : 'changed';
  },
  expected: 'kept exactly',
  writes: 1,
});

const withKey = (name: string, idempotencyKey: unknown, expected: string | readonly string[]): Attack => ({
  name,
  send: (target) => ask(target, SEND, inputOf(target, SPOKEN, { idempotencyKey })),
  expected,
});

export const texts: Group = {
  name: 'texts',
  attacks: [
    refusedText('NUL in a text', `${SPOKEN} \0`),
    refusedText('half a surrogate pair, high', `${SPOKEN} \ud83d`),
    refusedText('half a surrogate pair, low', `\ude00 ${SPOKEN}`),
    refusedText('surrogates the wrong way round', `${SPOKEN} \ude00\ud83d`),
    {
      name: 'half a surrogate pair on a socket',
      send: (t) => say(t, subscribe('1', SEND, { variables: inputOf(t, `${SPOKEN} \ud83d`) })),
      expected: 'BAD_USER_INPUT, goes on',
    },
    refusedText('an empty text', ''),
    refusedText('blanks of many kinds', ' \t\n\r\v\f\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff'),
    refusedText('10,001 characters', 'x'.repeat(10_001)),
    refusedText('10,001 characters of 4 bytes each', '\u{1f600}'.repeat(10_001)),
    each<unknown>(
      'texts of a wrong type',
      [7, true, null, ['x'], { toString: 'x' }],
      (t, text) => ask(t, SEND, inputOf(t, text)),
      BAD_VARIABLE,
    ),
    keptText('10,000 characters of 4 bytes each', '\u{1f600}'.repeat(10_000)),
    keptText('right-to-left overrides and zero widths', `\u202e${SPOKEN}\u200b\u200d\u2066\ufeff`),
    keptText('one character with 5,000 accents', `${SPOKEN}${'\u0301'.repeat(5_000)}`),
    keptText('characters that normalise to others', `\u212b \ufb01 \u1e9e e\u0301 ${SPOKEN}`),
    keptText(
      'a script, and what templates replace',
      `<script>alert(1)</script> \${7*7} {{7*7}} %s %n $1 ${SPOKEN}`,
    ),
    keptText('what would end an SQL string', `'; drop table messages; -- \\' " $$ E'\\x00' ${SPOKEN}`),
    keptText(
      'line ends, and what would forge a line of the log',
      `\r\n{"level":60,"msg":"${SPOKEN}"}\r\n\x1b[2J`,
    ),
    withKey('an empty idempotency key', '', REFUSED),
    withKey('an idempotency key of 201 characters', 'k'.repeat(201), REFUSED),
    withKey('an idempotency key of 200 kB', 'k'.repeat(200_000), REFUSED),
    withKey('NUL in an idempotency key', 'k\0', REFUSED),
    withKey('an idempotency key with half a surrogate pair', 'k\ud83d', REFUSED),
    withKey('an idempotency key that is an object', { a: 1 }, BAD_VARIABLE),
    {
      name: 'the idempotency key of somebody else',
      async send(target) {
        const { bob, mallory } = target.cast;
        const input = { receiverId: mallory.id, messageText: `${SPOKEN} of bob`, idempotencyKey: 'of both' };
        await ask(target, SEND, { input }, { token: bob.token });
        return ask(target, SEND, inputOf(target, `${SPOKEN} of mallory`, { idempotencyKey: 'of both' }));
      },
      expected: `200 {"sendMessage":{"message":{"messageText":"${SPOKEN} of mallory"}}}`,
      writes: 1,
    },
    {
      name: 'one key for two texts',
      async send(target) {
        await ask(target, SEND, inputOf(target, SPOKEN, { idempotencyKey: 'twice' }));
        return ask(target, SEND, inputOf(target, `${SPOKEN}!`, { idempotencyKey: 'twice' }));
      },
      expected: '200 IDEMPOTENCY_CONFLICT',
      writes: 1,
    },
    {
      name: '50 sends at once with one key',
      async send(target) {
        const one = () => ask(target, SEND, inputOf(target, SPOKEN, { idempotencyKey: 'race' }));
        return [...new Set(await Promise.all(Array.from({ length: 50 }, one)))].join('; ');
      },
      expected: `200 {"sendMessage":{"message":{"messageText":"${SPOKEN}"}}}`,
      writes: 1,
    },
    each('names that no user can have', ['\0', '\ud83d'], (t, name) => ask(t, USER, { name }), REFUSED),
    each(
      'names that are nearly a user’s',
      ['__proto__', 'constructor', '%', '_', 'ALICE', 'alice ', '\u0430lice', 'x'.repeat(100_000)],
      (t, name) => ask(t, USER, { name }),
      '200 {"user":null}',
    ),
    {
      name: 'a message to oneself',
      send: (t) => ask(t, SEND, { input: { receiverId: t.cast.mallory.id, messageText: SPOKEN } }),
      expected: REFUSED,
    },
    {
      name: 'fields that the input does not have: isRead, senderId',
      send: (t) => ask(t, SEND, inputOf(t, SPOKEN, { senderId: t.cast.alice.id, isRead: true })),
      expected: BAD_VARIABLE,
    },
  ],
};
