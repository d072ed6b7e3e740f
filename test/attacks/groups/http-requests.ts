import { setTimeout as delay } from 'node:timers/promises';
import type { Group } from '../attack.ts';
import { ask, exchange, get, http } from '../senders/http.ts';
import { drip, head, RawConnection, raw } from '../senders/raw.ts';
import type { Target } from '../target.ts';

const QUERY = '{ viewer { username } }';
const BODY = JSON.stringify({ query: QUERY });
const ME = '200 {"viewer":{"username":"mallory"}}';
const JSON_TYPE = 'Content-Type: application/json';
const AS_MALLORY = (target: Target) => `Authorization: Bearer ${target.cast.mallory.token}`;

/** A POST of `body` with these header lines, as it stands. */
const postRaw = (target: Target, body: string, ...headers: string[]) =>
  raw(target, head(target, 'POST /graphql HTTP/1.1', JSON_TYPE, AS_MALLORY(target), ...headers) + body);

const authorized = (target: Target, authorization: string | readonly string[]) =>
  http(target, {
    path: `/graphql?query=${QUERY}`.replaceAll(' ', '+'),
    token: null,
    headers: { authorization: authorization as string },
  });

/** The worst of what many connections at once are told. */
async function manyAtOnce(connections: RawConnection[]): Promise<string> {
  const outcomes = await Promise.all(connections.map((connection) => connection.outcome()));
  return [...new Set(outcomes)].join('; ');
}

export const httpRequests: Group = {
  name: 'HTTP requests',
  attacks: [
    { name: 'PUT', send: (t) => http(t, { method: 'PUT' }), expected: '405 BAD_USER_INPUT' },
    { name: 'TRACE', send: (t) => http(t, { method: 'TRACE' }), expected: '405 BAD_USER_INPUT' },
    {
      name: 'CONNECT, as to an open proxy',
      send: (t) => raw(t, 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n'),
      expected: 'nothing, closed',
    },
    {
      name: 'a mutation by GET, as a link could carry it',
      send: (t) =>
        get(t, {
          query: `mutation { sendMessage(input: { receiverId: "${t.cast.bob.id}", messageText: "x" }) { message { id } } }`,
        }),
      expected: '405 BAD_USER_INPUT',
    },
    {
      name: 'a subscription by GET',
      send: (t) =>
        get(t, { query: 'subscription { inbox { cursor } }' }, { headers: { accept: 'text/event-stream' } }),
      expected: '405 BAD_USER_INPUT',
    },
    {
      name: 'no Host header',
      send: (t) => raw(t, 'GET /health/live HTTP/1.1\r\n\r\n'),
      expected: '400, closed',
    },
    {
      name: 'a Host header that is no host',
      send: (t) => raw(t, 'GET /graphql HTTP/1.1\r\nHost: a b[%%%\r\nConnection: close\r\n\r\n'),
      expected: '400, closed',
    },
    {
      name: 'one header of 20 kB',
      send: (t) => http(t, { headers: { 'x-long': 'x'.repeat(20_000) } }),
      expected: '431',
    },
    {
      name: '5,000 headers',
      send: (t) =>
        raw(t, head(t, 'GET /graphql HTTP/1.1', ...Array.from({ length: 5_000 }, (_, i) => `x-${i}: y`))),
      expected: '431, closed',
    },
    { name: 'a URL of 20 kB', send: (t) => get(t, { query: ' '.repeat(20_000) }), expected: '431' },
    {
      name: 'two Authorization headers: the second is nobody’s',
      send: (t) => authorized(t, [`Bearer ${t.cast.mallory.token}`, 'Bearer forged']),
      expected: ME,
    },
    {
      name: 'two Authorization headers: the first is nobody’s',
      send: (t) => authorized(t, ['Bearer forged', `Bearer ${t.cast.mallory.token}`]),
      expected: '401 UNAUTHENTICATED',
    },
    ...['', 'Bearer', 'Bearer a b', 'Basic bWFsbG9yeTpwdw==', 'Bearer \x80\xff'].map((authorization) => ({
      name: `Authorization: ${JSON.stringify(authorization)}`,
      send: (t: Target) => authorized(t, authorization),
      expected: '401 UNAUTHENTICATED',
    })),
    {
      name: 'a token in the trailers of a chunked body',
      send: (t) =>
        raw(
          t,
          `${head(t, 'POST /graphql HTTP/1.1', JSON_TYPE, 'Transfer-Encoding: chunked', 'Trailer: Authorization')}${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n${AS_MALLORY(t)}\r\n\r\n`,
        ),
      expected: '200 UNAUTHENTICATED, open',
    },
    {
      name: 'Content-Length and Transfer-Encoding (request smuggling)',
      send: (t) =>
        postRaw(
          t,
          `0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`,
          'Content-Length: 4',
          'Transfer-Encoding: chunked',
        ),
      expected: '400, closed',
    },
    {
      name: 'two Content-Lengths',
      send: (t) => postRaw(t, BODY, `Content-Length: ${BODY.length}`, 'Content-Length: 5'),
      expected: '400, closed',
    },
    {
      name: 'a negative Content-Length',
      send: (t) => postRaw(t, BODY, 'Content-Length: -1'),
      expected: '400, closed',
    },
    {
      name: 'Transfer-Encoding: xchunked',
      send: (t) => postRaw(t, `0\r\n\r\n`, 'Transfer-Encoding: xchunked'),
      expected: '400, closed',
    },
    {
      name: 'a space before the colon of Transfer-Encoding',
      send: (t) => postRaw(t, `0\r\n\r\n`, 'Transfer-Encoding : chunked'),
      expected: '400, closed',
    },
    {
      name: 'a chunk of 2^64 bytes',
      send: (t) => postRaw(t, 'ffffffffffffffffff\r\n', 'Transfer-Encoding: chunked'),
      expected: '400, closed',
    },
    {
      name: 'a body longer than its Content-Length: a second request hides in the rest',
      send: (t) => postRaw(t, `${BODY}GET /metrics HTTP/1.1\r\n\r\n`, `Content-Length: ${BODY.length}`),
      expected: `${ME}; 400, closed`,
    },
    {
      name: 'header lines that end with a bare CR',
      send: (t) => raw(t, `GET /graphql HTTP/1.1\rHost: ${t.host}\rX: y\r\r`),
      expected: '400, closed',
    },
    { name: 'HTTP/0.9', send: (t) => raw(t, 'GET /graphql\r\n'), expected: '400, closed' },
    { name: 'HTTP/9.9', send: (t) => raw(t, head(t, 'GET /graphql HTTP/9.9')), expected: '400, closed' },
    {
      name: 'HTTP/2 without asking first',
      send: (t) => raw(t, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
      expected: '400, closed',
    },
    {
      name: 'an upgrade to h2c',
      send: (t) =>
        raw(
          t,
          head(
            t,
            'GET /graphql HTTP/1.1',
            'Connection: Upgrade, HTTP2-Settings',
            'Upgrade: h2c',
            'HTTP2-Settings: AAMAAABkAAQAAP__',
          ),
        ),
      expected: '400, closed',
    },
    {
      name: 'TLS on the port without TLS',
      send: (t) => raw(t, Buffer.from('16030100c8010000c40303', 'hex')),
      expected: '400, closed',
    },
    {
      name: '200 pipelined requests',
      send: (t) => raw(t, head(t, 'GET /health/live HTTP/1.1').repeat(200)),
      expected: '200 × 200 no data, open',
    },
    { name: 'pipelined requests of 20 MB, with no answer read', send: pipelineUnread, expected: 'held back' },
    {
      name: 'Expect: 100-continue, for a body of 1 GB',
      send: (t) => postRaw(t, '', 'Expect: 100-continue', 'Content-Length: 1000000000'),
      expected: '413 BAD_USER_INPUT, closed',
    },
    {
      name: 'Expect: a miracle',
      send: (t) => http(t, { headers: { expect: 'a miracle' } }),
      expected: '417',
    },
    {
      name: 'a NUL in the URL',
      send: (t) => raw(t, head(t, 'GET /graphql?query=\0 HTTP/1.1')),
      expected: '400, closed',
    },
    {
      name: 'an escaped NUL in the query',
      send: (t) => get(t, { query: '{ \0 }' }),
      expected: '400 BAD_USER_INPUT',
    },
    {
      name: 'broken percent escapes in the URL',
      send: (t) => http(t, { path: '/graphql?query=%E0%A4%A&variables=%' }),
      expected: '400 BAD_USER_INPUT',
    },
    ...[
      '/graphql/../metrics',
      '//graphql',
      '/%67raphql',
      '/graphql%00',
      '/graphql;x=1',
      '/..%2f..%2fetc/passwd',
      'http://evil.test/graphql',
      '*',
    ].map((path) => ({
      name: `the path ${path}`,
      send: (t: Target) => raw(t, head(t, `GET ${path} HTTP/1.1`)),
      expected: '404, open',
    })),
    {
      name: 'a request id that would write another line into the log',
      send: async (t) => {
        const headers = { 'x-request-id': '"},"level":60,"msg":"hacked' };
        const { headers: answered } = await exchange(t, { path: '/graphql?query={', headers });
        return /^[0-9a-f-]{36}$/.test(String(answered['x-request-id'])) ? 'replaced' : 'taken over';
      },
      expected: 'replaced',
    },
    {
      name: 'headers that never end (slowloris), on 50 connections',
      on: 'production',
      send: async (t) => {
        const outcomes = Array.from({ length: 50 }, () =>
          drip(t, `GET /graphql HTTP/1.1\r\nHost: ${t.host}\r\nx-slow: `, 100),
        );
        return [...new Set(await Promise.all(outcomes))].join('; ');
      },
      expected: '408, closed',
    },
    {
      name: 'a body that never ends',
      on: 'production',
      send: (t) => drip(t, head(t, 'POST /graphql HTTP/1.1', JSON_TYPE, 'Content-Length: 100000'), 100),
      expected: '408, closed',
    },
    {
      name: '200 connections that say nothing',
      on: 'production',
      send: (t) => manyAtOnce(Array.from({ length: 200 }, () => new RawConnection(t))),
      expected: '408, closed',
    },
    {
      name: 'more queries than a viewer may ask in a minute',
      on: 'production',
      send: async (t) => {
        const answers = new Set<string>();
        for (let i = 0; i < 21; i++)
          for (const answer of await Promise.all(Array.from({ length: 10 }, () => ask(t, QUERY))))
            answers.add(answer);
        return [...answers].join(', then ');
      },
      expected: `${ME}, then 429 RATE_LIMITED`,
    },
  ],
};

/** Whether the server stops reading from a client who reads nothing. */
async function pipelineUnread(target: Target): Promise<string> {
  const connection = new RawConnection(target);
  connection.socket.pause();
  const request = head(target, 'GET /metrics HTTP/1.1').repeat(1_000);
  for (let bytes = 0; bytes < 20_000_000; bytes += request.length) connection.write(request);
  await delay(1_000);
  const held = connection.socket.writableLength;
  connection.socket.destroy();
  return held > 1_000_000 ? 'held back' : `took all but ${held} bytes`;
}
