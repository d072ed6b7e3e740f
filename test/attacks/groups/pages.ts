import { encodeOpaque } from '../../../src/lib/opaque.ts';
import { type Attack, BAD_VARIABLE, each, type Group } from '../attack.ts';
import { FOLLOW, LIST, MESSAGES, REPORT } from '../operations.ts';
import { sign } from '../people.ts';
import { ask, exchange } from '../senders/http.ts';
import { say, subscribe } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const REFUSED = '200 BAD_USER_INPUT';
const END_OF_TIME = '9999-12-31T23:59:59.999999Z';

const PAGES = [
  { first: 0 },
  { first: -1 },
  { first: 101 },
  { first: 2_147_483_647 },
  { last: 0 },
  { last: -5 },
  { first: 1, last: 1 },
  { after: '' },
  { after: 'x' },
  { before: '\0' },
  { after: 'y'.repeat(100_000) },
];

/** Times that are none by RFC 3339, or that no calendar has. */
const TIMES = [
  'infinity',
  '-infinity',
  'now',
  'epoch',
  '0000-01-01T00:00:00Z',
  '10000-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-11-22T24:00:00Z',
  '2026-11-22',
  '2026-11-22T10:00:00+99:99',
  `2026-11-22T10:00:00.${'1'.repeat(1_000)}Z`,
  1_795_000_000,
  {},
];

/** The first cursor that this user is given. */
async function cursorOf(target: Target, name: 'alice' | 'mallory', query: string): Promise<string> {
  const { body } = await exchange(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    token: await sign(name),
  });
  const cursor = /"(?:cursor|inboxCursor)":"([^"]+)"/.exec(body)?.[1];
  if (cursor === undefined) throw new Error(`there is no cursor in ${body}`);
  return cursor;
}

const INBOX_END = '{ inboxCursor }';

const listedAfter = (
  name: string,
  cursor: (target: Target) => string | Promise<string>,
  expected = REFUSED,
): Attack => ({
  name,
  send: async (target) => ask(target, LIST, { after: await cursor(target) }),
  expected,
});

const followedAfter = (
  name: string,
  cursor: (target: Target) => string | Promise<string>,
  expected: string,
): Attack => ({
  name,
  send: async (target) => say(target, subscribe('1', FOLLOW, { variables: { after: await cursor(target) } })),
  expected,
});

/** As an administrator. */
async function report(target: Target, variables: object): Promise<string> {
  const good = { since: '2026-01-01T00:00:00Z', until: '2026-11-22T00:00:00Z', interval: 'DAY' };
  const token = await sign('mallory', { admin: true });
  return ask(target, REPORT, { ...good, ...variables }, { token });
}

export const pages: Group = {
  name: 'pages and times',
  attacks: [
    each('pages that cannot be', PAGES, (t, page) => ask(t, LIST, page), REFUSED),
    each(
      'page sizes of a wrong type',
      [2_147_483_648, '10', 1.5, true],
      (t, first) => ask(t, LIST, { first }),
      BAD_VARIABLE,
    ),
    listedAfter('a cursor from somebody else’s list', (t) => cursorOf(t, 'alice', LIST)),
    {
      name: 'a cursor from another list of one’s own',
      send: async (t) => ask(t, MESSAGES, { with: t.cast.bob.id, after: await cursorOf(t, 'mallory', LIST) }),
      expected: REFUSED,
    },
    listedAfter('a cursor with one letter changed', async (t) => {
      const cursor = await cursorOf(t, 'mallory', LIST);
      return cursor.replace(/.(?=.{8}$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
    }),
    each(
      'forged cursors with a good checksum',
      ['infinity', "2026-11-22' or true --", '0000-01-01T00:00:00.000000Z'],
      (t, time) => ask(t, LIST, { after: encodeOpaque('conversations', t.cast.mallory.row, time, '1') }),
      REFUSED,
    ),
    listedAfter(
      'a forged cursor at the end of all time',
      ({ cast }) => encodeOpaque('conversations', cast.mallory.row, END_OF_TIME, '9223372036854775807'),
      '200 data',
    ),
    followedAfter(
      'following from somebody else’s cursor',
      (t) => cursorOf(t, 'alice', INBOX_END),
      'BAD_USER_INPUT, goes on',
    ),
    followedAfter(
      'following from a forged cursor far ahead',
      async (t) => {
        const cursor = Buffer.from(await cursorOf(t, 'mallory', INBOX_END), 'base64url').toString();
        return encodeOpaque('inbox', t.cast.mallory.row, cursor.split('|')[2] ?? '', '9'.repeat(18));
      },
      'RESYNC_REQUIRED, goes on',
    ),
    followedAfter(
      'following from a forged cursor of another database',
      ({ cast }) => encodeOpaque('inbox', cast.mallory.row, "'; drop table x", '1'),
      'RESYNC_REQUIRED, goes on',
    ),
    followedAfter('following from a cursor of 100 kB', () => 'x'.repeat(100_000), 'BAD_USER_INPUT, goes on'),
    each<unknown>('times that are none', TIMES, (t, since) => report(t, { since }), BAD_VARIABLE),
    {
      name: 'a report of every hour of all time',
      send: (t) => report(t, { since: '0001-01-01T00:00:00Z', until: END_OF_TIME, interval: 'HOUR' }),
      expected: REFUSED,
    },
    {
      name: 'a report that ends before it begins',
      send: (t) => report(t, { until: '2020-01-01T00:00:00Z' }),
      expected: REFUSED,
    },
  ],
};
