import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startWrongAsker, type WrongAsker } from '../support/bad-input.ts';
import type { Answer } from '../support/client.ts';
import { INTERNALS } from '../support/transports.ts';

let asker: WrongAsker;

beforeAll(async () => {
  asker = await startWrongAsker();
});

afterAll(async () => {
  await asker[Symbol.asyncDispose]();
});

const REFUSED = { code: 'BAD_USER_INPUT', message: expect.any(String) };
const SEND_HI = (receiver: string) =>
  `sendMessage(input: { receiverId: "${receiver}", messageText: "hi" }) { message { id } }`;

describe('a document', () => {
  test.each([
    ['that is blank', ' '],
    ['that is a comment', '# nothing'],
    ['that ends too early', '{ viewer {'],
    ['that is prose', 'please send hello to bob'],
    ['that is JSON', '{"viewer": 1}'],
    ['with NUL', '{ viewer { id } } \0'],
    ['with a lone surrogate', '{ viewer { id } } \ud800'],
    ['with an unfinished string', '{ user(username: "x) { id } }'],
    ['with an unknown field', '{ passwords }'],
    ['with an unknown field deep inside', '{ conversations { edges { node { peer { externalId } } } } }'],
    ['with an unknown type', '{ node(id: "x") { ... on Password { id } } }'],
    ['without a selection', '{ viewer }'],
    ['with a selection in a scalar', '{ viewer { id { id } } }'],
    [
      'with a fragment in a circle',
      '{ viewer { ...a } } fragment a on User { ...b } fragment b on User { ...a }',
    ],
    ['with an unknown fragment', '{ viewer { ...nothing } }'],
    ['with conflicting aliases', '{ viewer { a: id a: username } }'],
    ['with two nameless operations', '{ viewer { id } } { viewer { username } }'],
    ['with two root fields in a subscription', 'subscription { a: inbox { cursor } b: inbox { cursor } }'],
    ['with an unknown directive', '{ viewer @admin { id } }'],
    ['of definitions only', 'type User { password: String }'],
  ])('%s is refused', async (_, query) => {
    expect(await asker.refusal({ query })).toEqual(REFUSED);
  });

  test('with an undefined variable is refused, with the argument that it stands for', async () => {
    const refusal = await asker.refusal({ query: '{ user(username: $name) { id } }' });
    expect(refusal).toEqual({ ...REFUSED, argument: 'username' });
  });

  test('in which a mutation stands beside what is not valid is not executed at all', async () => {
    expect(await asker.refusal({ query: `mutation { ${SEND_HI(asker.bob.id)} nonsense }` })).toEqual(REFUSED);
  });
});

describe('an operation name', () => {
  test('that the document does not have is refused', async () => {
    const query = `mutation A { ${SEND_HI(asker.bob.id)} }`;
    expect(await asker.refusal({ query, operationName: 'B' })).toEqual(REFUSED);
    expect(await asker.refusal({ query, operationName: '\0' })).toEqual(REFUSED);
    expect(await asker.refusal({ query: '{ viewer { id } }', operationName: 'B' })).toEqual(REFUSED);
  });

  test('left out where there are several operations is refused', async () => {
    const query = `mutation A { ${SEND_HI(asker.bob.id)} } query B { viewer { id } }`;
    expect(await asker.refusal({ query })).toEqual(REFUSED);
  });
});

/** Over HTTP alone: the protocol of the sockets (graphql-transport-ws) closes a socket whose messages break its form. */
describe.each(['application/json', 'application/graphql-response+json'])(
  'a body, answered as %s,',
  (accept) => {
    async function post(body: unknown) {
      const response = await asker.alice.client.post(body, { accept });
      const text = await response.text();
      expect(text).not.toMatch(INTERNALS);
      return { status: response.status, answer: JSON.parse(text) as Answer };
    }

    test.each([
      ['without a query', {}],
      ['with null for the query', { query: null }],
      ['with an empty query', { query: '' }],
      ['with a number for the query', { query: 5 }],
      ['with an object for the query', { query: { viewer: 1 } }],
      ['with text for the variables', { query: '{ viewer { id } }', variables: 'x' }],
      ['with a list for the variables', { query: '{ viewer { id } }', variables: [] }],
      ['with a number for the operation name', { query: '{ viewer { id } }', operationName: 5 }],
      ['with a list for the extensions', { query: '{ viewer { id } }', extensions: [] }],
      ['that is an array of operations', [{ query: '{ viewer { id } }' }]],
      ['that is an empty array', []],
      ['that is text in JSON', '"{ viewer { id } }"'],
      ['that is null', 'null'],
      ['that is a number', '5'],
      ['that is empty', ''],
      ['that is GraphQL and not JSON', '{ viewer { id } }'],
      ['that ends too early', '{"query": "{ viewer'],
      ['with a bare NUL', '{"query": "{ viewer { id } }\0"}'],
      ['that is a form', 'query=%7B+viewer+%7B+id+%7D+%7D'],
    ])('%s is refused', async (_, body) => {
      const { status, answer } = await post(body);
      expect(answer).toEqual({
        errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })],
      });
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
    });
  },
);

test('none of this has changed a row or disturbed the subscription beside it', () => asker.expectNoHarm());
