import type { OutgoingHttpHeaders } from 'node:http';
import { each, type Group } from '../attack.ts';
import { exchange, type HttpRequest } from '../senders/http.ts';
import { describeReply } from '../senders/reply.ts';
import { open } from '../senders/socket.ts';
import { ALLOWED_ORIGIN, type Target } from '../target.ts';

/** Origins that are not allowed, though some look like one that is. */
const FOREIGN = [
  'https://evil.test',
  'null',
  'file://',
  `${ALLOWED_ORIGIN}.evil.test`,
  `https://good.example@evil.test`,
  'https://sub.good.example',
  'https://notgood.example',
  'https://good.example:8443',
  'http://good.example',
  'HTTPS://GOOD.EXAMPLE',
  'https://good.example/',
  'https://g\u00f6od.example',
  'http://127.0.0.1.evil.test',
  'http://localhost:1',
];

const JSON_BODY = { method: 'POST', body: '{"query":"{ viewer { username } }"}' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Whether a browser would let the page of this origin read the answer: "kept from the page". */
async function readBy(target: Target, request: HttpRequest): Promise<string> {
  const { headers } = await exchange(target, request);
  const granted = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
  return granted.length === 0
    ? 'kept from the page'
    : granted.map((name) => `${name}: ${headers[name]}`).join(', ');
}

const preflight = (origin: string, more: OutgoingHttpHeaders = {}): HttpRequest => ({
  method: 'OPTIONS',
  token: null,
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
    ...more,
  },
});

const SCRIPT = '</script><script>alert(1)</script>';
const asPage = { accept: 'text/html,application/xhtml+xml' };

/** What a browser is shown of a script that is put into a page's address. */
async function reflected(target: Target, path: string, headers: OutgoingHttpHeaders = {}): Promise<string> {
  const { body, headers: answered } = await exchange(target, {
    path,
    token: null,
    headers: { ...asPage, ...headers },
  });
  const html = String(answered['content-type']).startsWith('text/html');
  return html && body.includes('<script>alert(1)') ? 'runs the script' : 'runs no script';
}

/** The headers of GraphiQL's page that keep it out of other pages and out of caches. */
async function pageHeaders(target: Target, names: readonly string[]): Promise<string> {
  const { headers } = await exchange(target, { token: null, headers: asPage });
  return names.map((name) => `${name}: ${headers[name] ?? 'none'}`).join(', ');
}

export const browser: Group = {
  name: 'browser',
  attacks: [
    each(
      'pages of foreign origins that read an answer',
      FOREIGN,
      (t, origin) => readBy(t, { ...JSON_BODY, headers: { ...JSON_TYPE, origin } }),
      'kept from the page',
    ),
    each(
      'preflights from foreign origins',
      FOREIGN,
      (t, origin) => readBy(t, preflight(origin)),
      'kept from the page',
    ),
    each(
      'sockets from foreign origins (cross-site hijacking)',
      FOREIGN,
      (t, origin) => open(t, { headers: { origin } }),
      'refused 403',
    ),
    {
      name: 'an error read from https://evil.test',
      send: (t) =>
        readBy(t, { ...JSON_BODY, body: '{', headers: { ...JSON_TYPE, origin: 'https://evil.test' } }),
      expected: 'kept from the page',
    },
    {
      name: 'two origins in one header',
      send: (t) => open(t, { headers: { origin: `${ALLOWED_ORIGIN} https://evil.test` } }),
      expected: 'refused 403',
    },
    {
      name: 'cookies along with an allowed origin',
      send: async (t) => {
        const { headers } = await exchange(t, preflight(ALLOWED_ORIGIN));
        return String(headers['access-control-allow-credentials'] ?? 'not taken');
      },
      expected: 'not taken',
    },
    {
      name: 'a preflight for headers and methods of any kind',
      send: async (t) => {
        const { headers } = await exchange(
          t,
          preflight(ALLOWED_ORIGIN, {
            'access-control-request-method': 'DELETE',
            'access-control-request-headers': 'x-evil',
          }),
        );
        return `${headers['access-control-allow-methods']}; ${headers['access-control-allow-headers']}`;
      },
      expected: 'GET, POST; authorization, content-type',
    },
    {
      name: 'a preflight to a private network',
      send: async (t) => {
        const { headers } = await exchange(
          t,
          preflight('https://evil.test', { 'access-control-request-private-network': 'true' }),
        );
        return String(headers['access-control-allow-private-network'] ?? 'not allowed');
      },
      expected: 'not allowed',
    },
    {
      name: 'a mutation in an image’s address, with cookies',
      send: async (t) => {
        const query = `mutation { sendMessage(input: { receiverId: "${t.cast.bob.id}", messageText: "x" }) { message { id } } }`;
        const { status, body } = await exchange(t, {
          path: `/graphql?${new URLSearchParams({ query })}`,
          token: null,
          headers: { accept: 'image/*,*/*', cookie: `authorization=Bearer ${t.cast.mallory.token}` },
        });
        return describeReply(status, body);
      },
      expected: '405 BAD_USER_INPUT',
    },
    {
      name: 'a token in a cookie',
      send: async (t) => {
        const cookie = `token=${t.cast.mallory.token}; authorization=Bearer ${t.cast.mallory.token}`;
        const { status, body } = await exchange(t, {
          ...JSON_BODY,
          token: null,
          headers: { ...JSON_TYPE, cookie },
        });
        return describeReply(status, body);
      },
      expected: '200 UNAUTHENTICATED',
    },
    each(
      'a script in the parameters of GraphiQL’s address',
      ['query', 'variables', 'operationName'],
      (t, parameter) => reflected(t, `/graphql?${new URLSearchParams({ [parameter]: SCRIPT })}`),
      'runs no script',
    ),
    {
      name: 'a script in the path',
      send: (t) => reflected(t, `/${encodeURIComponent(SCRIPT)}`),
      expected: 'runs no script',
    },
    {
      name: 'a script in the Host header',
      send: (t) => reflected(t, '/graphql', { host: `a"${SCRIPT}` }),
      expected: 'runs no script',
    },
    {
      name: 'a script in the Host header, as GraphiQL’s page would hold it',
      send: (t) => reflected(t, '/graphql', { host: 'a<script>alert(1)' }),
      expected: 'runs no script',
    },
    {
      name: 'GraphiQL in a frame of another page (clickjacking)',
      send: (t) => pageHeaders(t, ['x-frame-options']),
      expected: 'x-frame-options: DENY',
    },
    {
      name: 'GraphiQL, which may hold a token, from a cache',
      send: (t) => pageHeaders(t, ['cache-control']),
      expected: 'cache-control: no-store',
    },
    {
      name: 'an answer whose type is guessed to be a page',
      send: async (t) => {
        const { headers } = await exchange(t, {
          path: `/graphql?query=${encodeURIComponent(SCRIPT)}`,
          token: null,
        });
        return `${headers['content-type']}, ${headers['x-content-type-options'] ?? 'to be guessed'}`;
      },
      expected: 'application/graphql-response+json; charset=utf-8, nosniff',
    },
  ],
};
