import type { Group } from '../attack.ts';
import { SPOKEN } from '../people.ts';
import { ask, exchange, post } from '../senders/http.ts';
import type { Target } from '../target.ts';

const REFUSED = '400 QUERY_TOO_COMPLEX';
const BAD = '400 BAD_USER_INPUT';

const times = (count: number, of: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => of(i)).join(' ');
const document = (
  name: string,
  query: string | ((target: Target) => string),
  expected: string | readonly string[],
) => ({
  name,
  send: (target: Target) => ask(target, typeof query === 'string' ? query : query(target)),
  expected,
});

/** Each fragment asks twice for the next one: 2^count fields. */
const laughs = (count: number, twice: (i: number) => string) =>
  `{ __type(name: "Query") { ...f0 } } ${times(count, (i) => `fragment f${i} on __Type { ${i === count - 1 ? 'name' : twice(i + 1)} }`)}`;

/** Nearly all that a message has. */
const EVERYTHING =
  'id messageText createdAt isRead sender { id username createdAt } receiver { id username createdAt }';

export const documents: Group = {
  name: 'documents',
  attacks: [
    document('20,000 nested braces', '{a'.repeat(20_000), REFUSED),
    document('20,000 nested lists', `{ nodes(ids: ${'['.repeat(20_000)}`, REFUSED),
    document('900 nested lists', `{ nodes(ids: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`, [
      BAD,
      REFUSED,
    ]),
    document(
      'fields 17 deep',
      `{ __type(name: "Query") ${'{ ofType '.repeat(17)} { name } ${'}'.repeat(17)} }`,
      REFUSED,
    ),
    document('inline fragments 900 deep', `{ ${'... { '.repeat(900)} __typename ${'}'.repeat(900)} }`, [
      REFUSED,
      '200 {"__typename":"Query"}',
    ]),
    document('51 aliases', `{ ${times(51, (i) => `a${i}: __typename`)} }`, REFUSED),
    document(
      '3,000 aliases of a page of 100',
      `{ ${times(3_000, (i) => `a${i}: conversations(first: 100) { edges { cursor } }`)} }`,
      REFUSED,
    ),
    document(
      '51 directives',
      `{ ${times(51, (i) => `... @include(if: true) { a${i % 40}: __typename }`)} }`,
      REFUSED,
    ),
    document('600 directives on one field', `{ __typename ${'@include(if: true) '.repeat(390)} }`, REFUSED),
    document('500 unknown directives', `{ __typename ${times(500, (i) => `@d${i}`)} }`, [REFUSED, BAD]),
    document('100,000 times the same field', `{ ${'a '.repeat(100_000)} }`, REFUSED),
    document('1,500 times the same field', `{ ${'__typename '.repeat(1_500)} }`, REFUSED),
    document('21 times the same field', `{ ${times(21, () => 'unreadCount')} }`, REFUSED),
    document('250,000 commas', `{ __typename ${','.repeat(250_000)} }`, '200 {"__typename":"Query"}'),
    document('100,000 comments', `{ __typename ${'#\n'.repeat(100_000)} }`, '200 {"__typename":"Query"}'),
    document('60,000 tokens', `{ __typename ${'! '.repeat(60_000)} }`, REFUSED),
    document('2,001 tokens', `{ ${times(1_999, (i) => `f${i % 10}`)} }`, REFUSED),
    document('a fragment of itself', '{ ...a } fragment a on Query { ...a }', BAD),
    document(
      'a cycle of fragments',
      `{ ...f0 } ${times(200, (i) => `fragment f${i} on Query { ...f${(i + 1) % 200} }`)}`,
      [BAD, REFUSED],
    ),
    document(
      '2^40 fields through fragments (billion laughs)',
      laughs(40, (i) => `a: ofType { ...f${i} } b: ofType { ...f${i} }`),
      REFUSED,
    ),
    document(
      '2^15 fields through fragments',
      laughs(15, (i) => `a: ofType { ...f${i} } b: ofType { ...f${i} }`),
      REFUSED,
    ),
    document(
      '2^40 spreads without an alias',
      laughs(40, (i) => `ofType { ...f${i} ...f${i} }`),
      REFUSED,
    ),
    document(
      '2^40 directives through fragments',
      laughs(40, (i) => `ofType @skip(if: false) { ...f${i} } ofType { ...f${i} }`),
      REFUSED,
    ),
    document(
      '100 spreads in each of 10 fragments',
      `{ ...f0 } ${times(10, (i) => `fragment f${i} on Query { ${i === 9 ? '__typename' : times(100, () => `...f${i + 1}`)} }`)}`,
      [REFUSED, '200 {"__typename":"Query"}'],
    ),
    document(
      'pages of 100 in pages of 100',
      `{ a: conversations(first: 100) { edges { node { messages(first: 100) { edges { node { ${EVERYTHING} } } } } } }
         b: conversations(first: 100) { edges { node { messages(first: 100) { edges { node { ${EVERYTHING} } } } } } } }`,
      REFUSED,
    ),
    {
      name: 'page sizes in variables',
      send: (t) =>
        ask(
          t,
          `query ($n: Int = 100) { ${times(3, (i) => `a${i}: conversations(first: $n) { edges { node { messages(last: $n) { edges { node { ${EVERYTHING} } } } } } }`)} }`,
          { n: 100 },
        ),
      expected: REFUSED,
    },
    {
      name: '10,000 ids, of all that nodes have',
      send: (t) =>
        ask(
          t,
          `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Message { ${EVERYTHING} } ... on User { username createdAt } ... on Conversation { unreadCount lastMessage { ${EVERYTHING} } } } }`,
          { ids: Array(10_000).fill(t.cast.bob.id) },
        ),
      expected: REFUSED,
    },
    {
      name: '20 sends in one mutation, and one more',
      send: (t) => {
        const send = `sendMessage(input: { receiverId: "${t.cast.bob.id}", messageText: "${SPOKEN}" }) { message { id } }`;
        return ask(t, `mutation { ${times(21, (i) => `a${i}: ${send}`)} }`);
      },
      expected: REFUSED,
    },
    document(
      'fields of types of fields of types …',
      `{ __schema { types ${'{ fields { type '.repeat(6)} { name } ${'} }'.repeat(6)} } }`,
      [REFUSED, BAD],
    ),
    document(
      'the same through fragments',
      `{ __schema { types { ...a } } } fragment a on __Type { fields { type { ...b } } } fragment b on __Type { fields { type { ...c } } } fragment c on __Type { fields { type { fields { type { name } } } } }`,
      [REFUSED, BAD],
    ),
    document('pairs of fields that overlap: 40 unlike aliases in 40 fragments', overlapping(40, 20), [
      REFUSED,
      BAD,
    ]),
    document('fragments that overlap without conflict', overlapping(18, 10), [REFUSED, BAD, '200 data']),
    document(
      '300 unused fragments',
      `{ __typename } ${times(200, (i) => `fragment f${i} on Query { __typename }`)}`,
      BAD,
    ),
    document('400 unused variables', `query (${times(400, (i) => `$v${i}: Int`)}) { __typename }`, BAD),
    document('600 variables', `query (${times(600, (i) => `$v${i}: Int`)}) { __typename }`, REFUSED),
    document(
      'a string of 200 kB',
      `{ user(username: "${'a'.repeat(200_000)}") { id } }`,
      '200 {"user":null}',
    ),
    document(
      'a block string of 100,000 lines',
      `{ user(username: """${'\n a'.repeat(60_000)}""") { id } }`,
      '200 {"user":null}',
    ),
    document(
      'a number of 200,000 digits',
      `{ conversations(first: ${'9'.repeat(200_000)}) { edges { cursor } } }`,
      BAD,
    ),
    document(
      'an object 400 deep as the default of a variable',
      `query ($i: SendMessageInput = ${'{ receiverId: '.repeat(400)}1${'}'.repeat(400)}) { __typename }`,
      [BAD, REFUSED],
    ),
    document('@include(if: "yes")', '{ __typename @include(if: "yes") }', BAD),
    document(
      '@skip and @include together, 20 times',
      `{ ${times(10, (i) => `a${i}: __typename @skip(if: true) @include(if: true)`)} }`,
      '200 {}',
    ),
    document(
      '@defer and @stream',
      '{ ... @defer { viewer { id } } conversations { edges @stream { cursor } } }',
      BAD,
    ),
    document(
      'a subscription that @skip leaves empty',
      'subscription { inbox @skip(if: true) { cursor } }',
      BAD,
    ),
    document(
      'a subscription to two inboxes',
      'subscription { a: inbox { cursor } b: inbox { cursor } }',
      BAD,
    ),
    document('several operations, and none is named', 'query A { __typename } query B { __typename }', BAD),
    document(
      '300 operations',
      times(300, (i) => `query q${i} { __typename }`),
      BAD,
    ),
    document(
      'definitions of types',
      'type Query { hacked: Int } extend type User { password: String } { __typename }',
      BAD,
    ),
    document('only a comment', '# nothing', BAD),
    document('a field with a letter from another alphabet', '{ v\u0456ewer { id } }', BAD),
    document('invisible characters in a name', '{ view\u200ber { id } }', BAD),
    document('right-to-left overrides', '{ \u202eviewer { id } }', BAD),
    document('an escape beyond Unicode', '{ user(username: "\\u{110000}") { id } }', BAD),
    document('half a surrogate pair', '{ user(username: "\\uD83D") { id } }', BAD),
    {
      name: 'an error for each of 1,900 fields',
      send: async (t) => {
        const body = JSON.stringify({ query: `{ ${times(1_900, (i) => `x${i}`)} }` });
        const answer = await exchange(t, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        });
        return answer.body.length < 100_000 ? 'a short answer' : `an answer of ${answer.body.length} bytes`;
      },
      expected: 'a short answer',
    },
    {
      name: 'the same over Server-Sent Events',
      send: (t) =>
        post(t, { query: `{ ${'a '.repeat(100_000)} }` }, { headers: { accept: 'text/event-stream' } }),
      expected: REFUSED,
    },
  ],
};

/** Each fragment spreads all the later ones, beside fields of its own under the same names. */
function overlapping(fragments: number, fields: number): string {
  const fragment = (i: number) =>
    `fragment f${i} on Query { ${times(fields, (j) => `u${j % 20}: unreadCount`)} ${times(fragments - i - 1, (j) => `...f${i + j + 1}`)} }`;
  return `{ ...f0 } ${times(fragments, fragment)}`;
}
