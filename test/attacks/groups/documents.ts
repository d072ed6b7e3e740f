import type { Group } from '../attack.ts';
import { BAD_DOCUMENT, document, times } from '../document.ts';
import { exchange } from '../senders/http.ts';

const TYPENAME = '200 {"__typename":"Query"}';
const NO_USER = '200 {"user":null}';

export const documents: Group = {
  name: 'documents',
  attacks: [
    document('a fragment of itself', '{ ...a } fragment a on Query { ...a }', BAD_DOCUMENT),
    document(
      'a cycle of 200 fragments',
      `{ ...f0 } ${times(200, (i) => `fragment f${i} on Query { ...f${(i + 1) % 200} }`)}`,
      BAD_DOCUMENT,
    ),
    document('a fragment that is not there', '{ ...nothing }', BAD_DOCUMENT),
    document(
      '200 unused fragments',
      `{ __typename } ${times(200, (i) => `fragment f${i} on Query { __typename }`)}`,
      BAD_DOCUMENT,
    ),
    document(
      'two fragments of one name',
      '{ ...a } fragment a on Query { __typename } fragment a on Query { unreadCount }',
      BAD_DOCUMENT,
    ),
    document(
      '400 unused variables',
      `query (${times(400, (i) => `$v${i}: Int`)}) { __typename }`,
      BAD_DOCUMENT,
    ),
    document('900 nested lists', `{ nodes(ids: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`, BAD_DOCUMENT),
    document(
      'an object 400 deep as the default of a variable',
      `query ($i: SendMessageInput = ${'{ receiverId: '.repeat(400)}1${'}'.repeat(400)}) { __typename }`,
      BAD_DOCUMENT,
    ),
    document('250,000 commas', `{ __typename ${','.repeat(250_000)} }`, TYPENAME),
    document('60,000 comments', `{ __typename ${'#\n'.repeat(60_000)} }`, TYPENAME),
    document('a string of 200 kB', `{ user(username: "${'a'.repeat(200_000)}") { id } }`, NO_USER),
    document(
      'a block string of 60,000 lines',
      `{ user(username: """${'\n a'.repeat(60_000)}""") { id } }`,
      NO_USER,
    ),
    document(
      'a number of 200,000 digits',
      `{ conversations(first: ${'9'.repeat(200_000)}) { edges { cursor } } }`,
      BAD_DOCUMENT,
    ),
    document('a name of 200 kB', `{ ${'a'.repeat(200_000)} }`, BAD_DOCUMENT),
    document('a string that does not end', '{ user(username: "', BAD_DOCUMENT),
    document(
      'inline fragments 400 deep',
      `{ ${'... { '.repeat(400)} __typename ${'}'.repeat(400)} }`,
      TYPENAME,
    ),
    document('@include(if: "yes")', '{ __typename @include(if: "yes") }', BAD_DOCUMENT),
    document(
      '@skip and @include against each other',
      `{ ${times(10, (i) => `a${i}: __typename @skip(if: true) @include(if: true)`)} }`,
      '200 {}',
    ),
    document(
      '@defer and @stream',
      '{ ... @defer { viewer { id } } conversations { edges @stream { cursor } } }',
      BAD_DOCUMENT,
    ),
    document(
      'a subscription that @skip leaves empty',
      'subscription { inbox @skip(if: true) { cursor } }',
      BAD_DOCUMENT,
    ),
    document(
      'a subscription to two inboxes',
      'subscription { a: inbox { cursor } b: inbox { cursor } }',
      BAD_DOCUMENT,
    ),
    document(
      'several operations, and none is named',
      'query A { __typename } query B { __typename }',
      BAD_DOCUMENT,
    ),
    document(
      '300 operations',
      times(300, (i) => `query q${i} { __typename }`),
      BAD_DOCUMENT,
    ),
    document(
      'definitions of types',
      'type Query { hacked: Int } extend type User { password: String } { __typename }',
      BAD_DOCUMENT,
    ),
    document('only a comment', '# nothing', BAD_DOCUMENT),
    document('a field of another type', '{ viewer { password tokens { id } } }', BAD_DOCUMENT),
    document(
      'internals of federation',
      '{ _entities(representations: []) { __typename } _service { sdl } }',
      BAD_DOCUMENT,
    ),
    document('a field with a letter from another alphabet', '{ v\u0456ewer { id } }', BAD_DOCUMENT),
    document('invisible characters in a name', '{ view\u200ber { id } }', BAD_DOCUMENT),
    document('right-to-left overrides', '{ \u202eviewer { id } }', BAD_DOCUMENT),
    document('an escape beyond Unicode', '{ user(username: "\\u{110000}") { id } }', BAD_DOCUMENT),
    document('half a surrogate pair', '{ user(username: "\\uD83D") { id } }', BAD_DOCUMENT),
    {
      name: 'an error for each of 1,900 fields',
      async send(target) {
        const body = JSON.stringify({ query: `{ ${times(1_900, (i) => `x${i}`)} }` });
        const headers = { 'content-type': 'application/json' };
        const answer = await exchange(target, { method: 'POST', body, headers });
        return answer.body.length < 50_000 ? 'a short answer' : `an answer of ${answer.body.length} bytes`;
      },
      expected: 'a short answer',
    },
  ],
};
