import { type Attack, each, type Group } from '../attack.ts';
import { MALLORY, WHO } from '../operations.ts';
import { exchange, get, http } from '../senders/http.ts';
import type { Target } from '../target.ts';

const BAD = '400 BAD_USER_INPUT';
const NOT_ALLOWED = '405 BAD_USER_INPUT';

const sending = ({ cast }: Target) =>
  `mutation { sendMessage(input: { receiverId: "${cast.bob.id}", messageText: "x" }) { message { id } } }`;

/** Where a path that is taken for another one leads. */
const PATHS = [
  '/graphql/../metrics',
  '//graphql',
  '/%67raphql',
  '/graphql%00',
  '/graphql;x=1',
  '/GRAPHQL',
  '/graphql/x',
  '/..%2f..%2fetc/passwd',
  '/.env',
  'http://evil.test/graphql',
  '*',
];

const withAuthorization = (
  name: string,
  authorization: (target: Target) => string | readonly string[],
  expected: string,
): Attack => ({
  name,
  send: (target) =>
    get(target, { query: WHO }, { token: null, headers: { authorization: authorization(target) as string } }),
  expected,
});

export const httpRequests: Group = {
  name: 'HTTP requests',
  attacks: [
    each(
      'other methods',
      ['PUT', 'PATCH', 'TRACE', 'PROPFIND'],
      (t, method) => http(t, { method }),
      NOT_ALLOWED,
    ),
    {
      name: 'DELETE with a mutation',
      send: (t) =>
        http(t, {
          method: 'DELETE',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: sending(t) }),
        }),
      expected: NOT_ALLOWED,
    },
    {
      name: 'a mutation by GET, as a link could carry it',
      send: (t) => get(t, { query: sending(t) }),
      expected: NOT_ALLOWED,
    },
    {
      name: 'a mutation by GET, beside a query',
      send: (t) =>
        get(t, {
          query: `query A { __typename } ${sending(t).replace('mutation', 'mutation B')}`,
          operationName: 'B',
        }),
      expected: NOT_ALLOWED,
    },
    {
      name: 'a subscription by GET',
      send: (t) =>
        get(t, { query: 'subscription { inbox { cursor } }' }, { headers: { accept: 'text/event-stream' } }),
      expected: NOT_ALLOWED,
    },
    {
      name: 'a POST that says it is a GET',
      send: (t) =>
        http(t, {
          method: 'GET',
          headers: { 'x-http-method-override': 'POST', 'content-type': 'application/json' },
          body: JSON.stringify({ query: sending(t) }),
        }),
      expected: BAD,
    },
    {
      name: 'one header of 20 kB',
      send: (t) => http(t, { headers: { 'x-long': 'x'.repeat(20_000) } }),
      expected: '431',
    },
    { name: 'a URL of 20 kB', send: (t) => get(t, { query: ' '.repeat(20_000) }), expected: '431' },
    { name: 'an escaped NUL in the query', send: (t) => get(t, { query: '{ \0 }' }), expected: BAD },
    {
      name: 'broken percent escapes in the URL',
      send: (t) => http(t, { path: '/graphql?query=%E0%A4%A&variables=%' }),
      expected: BAD,
    },
    {
      name: 'the query twice in the URL',
      send: (t) => http(t, { path: '/graphql?query={__typename}&query={' }),
      expected: '200 {"__typename":"Query"}',
    },
    {
      name: 'variables in the URL that are no JSON',
      send: (t) => get(t, { query: WHO, variables: '{' }),
      expected: BAD,
    },
    {
      name: 'variables in the URL that are an array',
      send: (t) => get(t, { query: WHO, variables: '[1]' }),
      expected: BAD,
    },
    {
      name: 'Expect: a miracle',
      send: (t) => http(t, { headers: { expect: 'a miracle' } }),
      expected: '417',
    },
    withAuthorization(
      'two Authorization headers: the second is nobody’s',
      (t) => [`Bearer ${t.cast.mallory.token}`, 'Bearer forged'],
      `200 ${MALLORY}`,
    ),
    withAuthorization(
      'two Authorization headers: the first is nobody’s',
      (t) => ['Bearer forged', `Bearer ${t.cast.mallory.token}`],
      '401 UNAUTHENTICATED',
    ),
    withAuthorization(
      'two tokens in one header',
      (t) => `Bearer ${t.cast.mallory.token}, Bearer ${t.cast.mallory.token}`,
      '401 UNAUTHENTICATED',
    ),
    each(
      'Authorization headers that hold no token',
      ['', 'Bearer', 'Bearer a b', 'Basic bWFsbG9yeTpwdw==', 'Bearer \x80\xff', 'null'],
      (t, authorization) => get(t, { query: WHO }, { token: null, headers: { authorization } }),
      '401 UNAUTHENTICATED',
    ),
    {
      name: 'a token in the URL',
      send: (t) => get(t, { query: WHO, access_token: t.cast.mallory.token }, { token: null }),
      expected: '200 UNAUTHENTICATED',
    },
    each('paths that lead elsewhere', PATHS, (t, path) => http(t, { path }), '404'),
    {
      name: 'a request id that would write another line into the log',
      async send(target) {
        const { headers } = await exchange(target, {
          path: '/graphql?query={',
          headers: { 'x-request-id': '"},"level":60,"msg":"hacked' },
        });
        return /^[0-9a-f-]{36}$/.test(String(headers['x-request-id'])) ? 'replaced' : 'taken over';
      },
      expected: 'replaced',
    },
  ],
};
