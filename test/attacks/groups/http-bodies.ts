import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Group } from '../attack.ts';
import { SPOKEN } from '../people.ts';
import { ask, get, http, post } from '../senders/http.ts';
import { head, RawConnection, raw } from '../senders/raw.ts';
import type { Target } from '../target.ts';

const QUERY = '{ viewer { username } }';
const ME = '200 {"viewer":{"username":"mallory"}}';
const BAD = '400 BAD_USER_INPUT';
const MAX_BODY_BYTES = 262_144;

const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { isRead } } }';
const sendTo = ({ cast }: Target) => ({
  query: SEND,
  variables: { input: { receiverId: cast.bob.id, messageText: SPOKEN } },
});

const postAs = (type: string, body: (target: Target) => string) => (target: Target) =>
  post(target, body(target), { headers: { 'content-type': type } });
const asJson = (target: Target) => JSON.stringify(sendTo(target));

const MULTIPART = (target: Target) =>
  ['operations', asJson(target), 'map', '{}']
    .map((part, i) =>
      i % 2 === 0 ? `--b\r\ncontent-disposition: form-data; name="${part}"\r\n\r\n` : `${part}\r\n`,
    )
    .join('')
    .concat('--b--\r\n');

/** Bytes where JSON has characters: 0xff is never part of UTF-8. */
const invalidUtf8 = (target: Target) =>
  Buffer.from(asJson(target).replace(SPOKEN, `${SPOKEN} \xff\xfe`), 'latin1');

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

export const httpBodies: Group = {
  name: 'HTTP bodies',
  attacks: [
    {
      name: 'a form, as any page may post it (CSRF)',
      send: postAs('application/x-www-form-urlencoded', (t) =>
        new URLSearchParams({ query: SEND, variables: JSON.stringify(sendTo(t).variables) }).toString(),
      ),
      expected: '415 BAD_USER_INPUT',
    },
    {
      name: 'a multipart form (CSRF)',
      send: postAs('multipart/form-data; boundary=b', MULTIPART),
      expected: '415 BAD_USER_INPUT',
    },
    ...[
      'text/plain',
      'text/plain;application/json',
      'application/graphql',
      'application/jsonp',
      'application/xml',
      '',
    ].map((type) => ({
      name: `JSON as ${JSON.stringify(type)}`,
      send: postAs(type, asJson),
      expected: '415 BAD_USER_INPUT',
    })),
    {
      name: 'one byte more than a body may have',
      send: (t) => post(t, JSON.stringify({ query: QUERY }).padEnd(MAX_BODY_BYTES + 1)),
      expected: '413 BAD_USER_INPUT',
    },
    {
      name: 'the same in chunks, without a Content-Length',
      send: (t) =>
        post(t, JSON.stringify({ query: QUERY }).padEnd(MAX_BODY_BYTES + 1), {
          headers: { 'transfer-encoding': 'chunked' },
        }),
      expected: '413 BAD_USER_INPUT',
    },
    {
      name: 'a chunked body without end',
      send: endless,
      expected: '413 BAD_USER_INPUT, after less than 4 MB',
    },
    {
      name: 'a gzip bomb: 100 MB in 100 kB',
      send: (t) =>
        post(t, gzipSync(Buffer.alloc(100_000_000, ' ')), { headers: { 'content-encoding': 'gzip' } }),
      expected: ['400 BAD_USER_INPUT', '415 BAD_USER_INPUT'],
    },
    { name: 'no body', send: (t) => post(t, ''), expected: BAD },
    { name: 'JSON that breaks off', send: (t) => post(t, '{"query": "{ viewer'), expected: BAD },
    ...['null', '7', '"{ viewer { id } }"', 'true'].map((body) => ({
      name: `the body ${body}`,
      send: (t: Target) => post(t, body),
      expected: BAD,
    })),
    {
      name: 'a batch: two sends in one array',
      send: (t) => post(t, [sendTo(t), sendTo(t)]),
      expected: BAD,
    },
    {
      name: 'a batch of 10,000',
      send: (t) =>
        post(
          t,
          Array.from({ length: 10_000 }, () => ({ query: '{a}' })),
        ),
      expected: BAD,
    },
    {
      name: '__proto__ beside the query',
      send: (t) => post(t, `{"query": ${JSON.stringify(QUERY)}, "__proto__": {"operationName": "A"}}`),
      expected: [ME, BAD],
    },
    {
      name: '__proto__ with the query',
      send: (t) => post(t, `{"__proto__": {"query": ${JSON.stringify(QUERY)}}}`),
      expected: BAD,
    },
    {
      name: '__proto__ in an input, with its fields',
      send: (t) =>
        post(
          t,
          `{"query": ${JSON.stringify(SEND)}, "variables": {"input": {"__proto__": ${JSON.stringify(sendTo(t).variables.input)}}}}`,
        ),
      expected: BAD,
    },
    {
      name: 'variables nested 50,000 deep, where none are declared',
      send: (t) => post(t, `{"query": ${JSON.stringify(QUERY)}, "variables": {"a": ${nested(50_000)}}}`),
      expected: ME,
    },
    {
      name: 'a variable nested 50,000 deep',
      send: (t) =>
        post(
          t,
          `{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": ${nested(50_000)}}}`,
        ),
      expected: BAD,
    },
    ...['1e400', '9007199254740993', '-1', '1.5', '1e9', `1${'0'.repeat(10_000)}`].map((number) => ({
      name: `first: ${number.slice(0, 20)}, of ${number.length} digits`,
      send: (t: Target) =>
        post(
          t,
          `{"query": "query ($n: Int) { conversations(first: $n) { edges { cursor } } }", "variables": {"n": ${number}}}`,
        ),
      expected: [BAD, '200 BAD_USER_INPUT'],
    })),
    ...Object.entries({
      query: [1, [QUERY], { a: 1 }, true],
      variables: ['{}', [1], 7],
      operationName: [7, {}, ['A']],
      extensions: ['x', [1], 7],
    }).flatMap(([name, values]) =>
      values.map((value) => ({
        name: `the ${name} ${JSON.stringify(value)}`,
        send: (t: Target) => post(t, { query: QUERY, [name]: value }),
        expected: BAD,
      })),
    ),
    {
      name: 'variables in the URL that are an array',
      send: (t) => get(t, { query: QUERY, variables: '[1]' }),
      expected: BAD,
    },
    {
      name: 'variables in the URL that are a number',
      send: (t) => get(t, { query: QUERY, variables: '7' }),
      expected: BAD,
    },
    {
      name: 'an unknown operationName',
      send: (t) => post(t, { query: `query A ${QUERY}`, operationName: '__proto__' }),
      expected: BAD,
    },
    {
      name: 'bytes that are no UTF-8, in a text to be kept exactly',
      send: (t) => post(t, invalidUtf8(t)),
      expected: BAD,
    },
    {
      name: 'JSON in UTF-16',
      send: (t) =>
        post(t, Buffer.from(JSON.stringify({ query: QUERY }), 'utf16le'), {
          headers: { 'content-type': 'application/json; charset=utf-16le' },
        }),
      expected: [BAD, '415 BAD_USER_INPUT'],
    },
    {
      name: 'the hash of a document that was never stored',
      send: (t) => {
        const sha256Hash = createHash('sha256').update(QUERY).digest('hex');
        return post(t, { extensions: { persistedQuery: { version: 1, sha256Hash } } });
      },
      expected: BAD,
    },
    {
      name: 'a document to be stored under its hash (cache poisoning)',
      send: async (t) => {
        const extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };
        await post(t, { query: '{ unreadCount }', extensions });
        return post(t, { extensions });
      },
      expected: BAD,
    },
    ...['../../../etc/passwd', '__proto__', 'constructor'].map((documentId) => ({
      name: `the documentId ${documentId}`,
      send: (t: Target) => post(t, { documentId }),
      expected: BAD,
    })),
    {
      name: 'DELETE with a mutation',
      send: (t) =>
        http(t, { method: 'DELETE', body: asJson(t), headers: { 'content-type': 'application/json' } }),
      expected: '405 BAD_USER_INPUT',
    },
    {
      name: 'a body that promises more than it has, and hangs up',
      send: async (t) => {
        const connection = new RawConnection(t);
        connection.write(
          `${head(t, 'POST /graphql HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 9999')}{"query":`,
        );
        connection.socket.end();
        return connection.outcome();
      },
      expected: ['nothing, closed', '400, closed'],
    },
    {
      name: 'a mutation, then the connection is reset before it is answered',
      send: async (t) => {
        const body = JSON.stringify({ query: QUERY });
        const start = head(
          t,
          'POST /graphql HTTP/1.1',
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
        );
        for (let i = 0; i < 50; i++) {
          const connection = new RawConnection(t);
          connection.socket.write(start + body, () => connection.socket.resetAndDestroy());
        }
        return raw(t, head(t, 'GET /health/live HTTP/1.1', 'Connection: close'));
      },
      expected: '200 no data, closed',
    },
    { name: 'a query that is one space', send: (t) => ask(t, ' '), expected: BAD },
  ],
};

/** Says when the server has had enough, and how much it had taken by then. */
async function endless(target: Target): Promise<string> {
  const connection = new RawConnection(target);
  const { token } = target.cast.mallory;
  connection.write(
    head(
      target,
      'POST /graphql HTTP/1.1',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ),
  );
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  const sending = setInterval(() => connection.write(chunk), 1);
  try {
    const outcome = (await connection.outcome()).split(',', 1)[0];
    return `${outcome}, after ${connection.socket.bytesWritten < 4_000_000 ? 'less' : 'more'} than 4 MB`;
  } finally {
    clearInterval(sending);
  }
}
