import type { Group } from '../attack.ts';
import { BAD_DOCUMENT, document, TOO_COMPLEX, times } from '../document.ts';
import { SPOKEN } from '../people.ts';
import { ask, post } from '../senders/http.ts';

/** Each fragment asks twice for the next one: 2^count fields. */
const laughs = (count: number, twice: (next: string) => string) =>
  `{ __type(name: "Query") { ...f0 } } ${times(count, (i) => `fragment f${i} on __Type { ${i === count - 1 ? 'name' : twice(`...f${i + 1}`)} }`)}`;

/** Nearly all that a message has. */
const MESSAGE =
  'id messageText createdAt isRead sender { id username createdAt } receiver { id username createdAt }';
/** All that any node has. */
const ANY_NODE = `id ... on Message { ${MESSAGE} } ... on User { username createdAt }
  ... on Conversation { unreadCount lastMessage { ${MESSAGE} } }`;

/** Up to 3 times 10,000 messages. */
const pagesOfPages = (size: string) =>
  times(
    3,
    (i) =>
      `a${i}: conversations(first: ${size}) { edges { node { messages(last: ${size}) { edges { node { ${MESSAGE} } } } } } }`,
  );

/** Each fragment spreads all the later ones, beside fields of its own under the same names. */
const overlapping = (fragments: number, fields: number) =>
  `{ ...f0 } ${times(
    fragments,
    (i) =>
      `fragment f${i} on Query { ${times(fields, (j) => `u${j}: unreadCount`)} ${times(fragments - i - 1, (j) => `...f${i + j + 1}`)} }`,
  )}`;

export const documentBounds: Group = {
  name: 'document bounds',
  attacks: [
    document('20,000 nested braces', '{a'.repeat(20_000), TOO_COMPLEX),
    document('20,000 nested lists', `{ nodes(ids: ${'['.repeat(20_000)}`, TOO_COMPLEX),
    document(
      '17 levels of fields',
      `{ __type(name: "Query") ${'{ ofType '.repeat(17)} { name } ${'}'.repeat(17)} }`,
      TOO_COMPLEX,
    ),
    document(
      '17 levels of fields through fragments',
      `{ __type(name: "Query") { ...f0 } } ${times(17, (i) => `fragment f${i} on __Type { ofType { ${i === 16 ? 'name' : `...f${i + 1}`} } }`)}`,
      TOO_COMPLEX,
    ),
    document('2,001 tokens', `{ ${times(1_999, (i) => `f${i}`)} }`, TOO_COMPLEX),
    document('60,000 tokens', `{ nodes(ids: [${'1 '.repeat(60_000)}]) { id } }`, TOO_COMPLEX),
    document('100,000 times the same field', `{ ${'a '.repeat(100_000)} }`, TOO_COMPLEX),
    document('21 times the same field', `{ ${times(21, () => 'unreadCount')} }`, TOO_COMPLEX),
    document(
      '21 times the same field, under other names',
      `{ ${times(21, (i) => `a${i}: unreadCount`)} }`,
      TOO_COMPLEX,
    ),
    document(
      '21 times the same field, each in a fragment of its own',
      `{ ${times(21, () => '... { unreadCount }')} }`,
      TOO_COMPLEX,
    ),
    document(
      '51 aliases',
      `{ viewer { ${times(20, (i) => `a${i}: id`)} ${times(20, (i) => `b${i}: username`)} ${times(11, (i) => `c${i}: createdAt`)} } }`,
      TOO_COMPLEX,
    ),
    document(
      '51 aliases, by 3 uses of one fragment',
      `{ a: viewer { ...f } b: viewer { ...f } c: viewer { ...f } } fragment f on User { ${times(16, (i) => `u${i}: id`)} }`,
      TOO_COMPLEX,
    ),
    document(
      '3,000 aliases of a page of 100',
      `{ ${times(3_000, (i) => `a${i}: conversations(first: 100) { edges { cursor } }`)} }`,
      TOO_COMPLEX,
    ),
    document(
      '51 directives',
      `{ ${times(17, () => 'viewer @skip(if: false) { id @skip(if: false) username @skip(if: false) }')} }`,
      TOO_COMPLEX,
    ),
    document(
      '400 directives on one field',
      `{ __typename ${'@include(if: true) '.repeat(390)} }`,
      TOO_COMPLEX,
    ),
    document('500 unknown directives', `{ __typename ${times(500, (i) => `@d${i}`)} }`, TOO_COMPLEX),
    document('600 variables', `query (${times(600, (i) => `$v${i}: Int`)}) { __typename }`, TOO_COMPLEX),
    document(
      '2^40 aliases through fragments (billion laughs)',
      laughs(40, (next) => `a: ofType { ${next} } b: ofType { ${next} }`),
      TOO_COMPLEX,
    ),
    document(
      '2^15 aliases through fragments',
      laughs(15, (next) => `a: ofType { ${next} } b: ofType { ${next} }`),
      TOO_COMPLEX,
    ),
    document(
      '2^40 spreads without an alias',
      laughs(40, (next) => `ofType { ${next} ${next} }`),
      TOO_COMPLEX,
    ),
    document(
      '2^40 directives through fragments',
      laughs(40, (next) => `ofType @skip(if: false) { ${next} } ofType { ${next} }`),
      TOO_COMPLEX,
    ),
    document('pages of 100 in pages of 100', `{ ${pagesOfPages('100')} }`, TOO_COMPLEX),
    ...['n', 'constructor', 'toString', '__proto__'].map((variable) =>
      document(
        `pages of 100 in pages of 100, by the variable $${variable}`,
        `query ($${variable}: Int = 100) { ${pagesOfPages(`$${variable}`)} }`,
        TOO_COMPLEX,
      ),
    ),
    {
      name: 'pages of 100 in pages of 100, by a variable that is given',
      send: (t) => ask(t, `query ($n: Int = 1) { ${pagesOfPages('$n')} }`, { n: 100 }),
      expected: TOO_COMPLEX,
    },
    {
      name: '100 documents, each with a text of 250 kB where a page size should be',
      async send(target) {
        const askAll = async (size: string) => {
          for (let i = 0; i < 100; i++)
            await ask(target, `query q${i} ($n: Int) { conversations(first: $n) { edges { cursor } } }`, {
              n: size,
            });
          return (await target.memory()).held;
        };
        // The same documents with a short text come first: what they take by themselves is not the matter.
        const before = await askAll('x');
        const grown = (await askAll('x'.repeat(250_000))) - before;
        return `holds ${grown < 8_388_608 ? 'less' : 'more'} than 8 MB of it`;
      },
      expected: 'holds less than 8 MB of it',
    },
    {
      name: '10,000 ids, of all that nodes have',
      send: (t) =>
        ask(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { ${ANY_NODE} } }`, {
          ids: Array(10_000).fill(t.cast.bob.id),
        }),
      expected: TOO_COMPLEX,
    },
    document(
      '21 sends in one mutation',
      ({ cast }) =>
        `mutation { ${times(21, (i) => `a${i}: sendMessage(input: { receiverId: "${cast.bob.id}", messageText: "${SPOKEN}" }) { message { id } }`)} }`,
      TOO_COMPLEX,
    ),
    document(
      'types of fields of types of fields …',
      `{ __schema { types ${'{ fields { type '.repeat(6)} { name } ${'} }'.repeat(6)} } }`,
      BAD_DOCUMENT,
    ),
    document('pairs of fields that overlap: 20 names in 40 fragments', overlapping(40, 20), TOO_COMPLEX),
    document('fields that overlap without conflict', overlapping(18, 10), TOO_COMPLEX),
    document(
      'the same field 20 times in each of 20 fragments',
      `{ ${times(20, (i) => `...f${i}`)} } ${times(20, (i) => `fragment f${i} on Query { ${'viewer { username } '.repeat(20)} }`)}`,
      [TOO_COMPLEX, '200 {"viewer":{"username":"mallory"}}'],
    ),
    {
      name: '100,000 times the same field, by Server-Sent Events',
      send: (t) =>
        post(t, { query: `{ ${'a '.repeat(100_000)} }` }, { headers: { accept: 'text/event-stream' } }),
      expected: '200 QUERY_TOO_COMPLEX',
    },
  ],
};
