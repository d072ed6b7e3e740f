import { setTimeout as delay } from 'node:timers/promises';
import type { Attack, Group } from '../attack.ts';
import { MALLORY, WHO } from '../operations.ts';
import { drip, head, RawConnection, raw } from '../senders/raw.ts';
import type { Target } from '../target.ts';

const BODY = JSON.stringify({ query: WHO });
const JSON_TYPE = 'Content-Type: application/json';
const REFUSED = '400, closed';

const asMallory = ({ cast }: Target) => `Authorization: Bearer ${cast.mallory.token}`;

const bytes = (
  name: string,
  bytesTo: (target: Target) => string | Buffer,
  expected: string | readonly string[] = REFUSED,
): Attack => ({
  name,
  send: (target) => raw(target, bytesTo(target)),
  expected,
});

/** A POST of mallory's with this body and these header lines, as they stand. */
const posted = (name: string, headers: readonly string[], body: string, expected = REFUSED) =>
  bytes(name, (t) => head(t, 'POST /graphql HTTP/1.1', JSON_TYPE, asMallory(t), ...headers) + body, expected);

/** The same from many connections at once; what they are told, once where it is the same. */
async function fromMany(count: number, send: () => Promise<string>): Promise<string> {
  return [...new Set(await Promise.all(Array.from({ length: count }, send)))].join('; ');
}

export const httpConnections: Group = {
  name: 'HTTP connections',
  attacks: [
    posted(
      'Content-Length and Transfer-Encoding (request smuggling)',
      ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n',
    ),
    posted('two Content-Lengths', [`Content-Length: ${BODY.length}`, 'Content-Length: 5'], BODY),
    posted('a negative Content-Length', ['Content-Length: -1'], BODY),
    posted('a Content-Length with a sign', [`Content-Length: +${BODY.length}`], BODY),
    posted('Transfer-Encoding: xchunked', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
    posted('chunked, and not as the last encoding', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'),
    posted('a space before the colon of Transfer-Encoding', ['Transfer-Encoding : chunked'], '0\r\n\r\n'),
    posted('a header that is folded', ['Transfer-Encoding:', ' chunked'], '0\r\n\r\n'),
    posted('a chunk of 2^72 bytes', ['Transfer-Encoding: chunked'], 'ffffffffffffffffff\r\n'),
    posted('a chunk size in another notation', ['Transfer-Encoding: chunked'], '0x5\r\n{"a":\r\n0\r\n\r\n'),
    posted(
      'a body longer than its Content-Length: a second request hides in the rest',
      [`Content-Length: ${BODY.length}`],
      `${BODY}GET /metrics HTTP/1.1\r\n\r\n`,
      `200 ${MALLORY}; 400, closed`,
    ),
    posted(
      'Expect: 100-continue, for a body of 1 GB',
      ['Expect: 100-continue', 'Content-Length: 1000000000'],
      '',
      '100; 413 BAD_USER_INPUT, open',
    ),
    bytes(
      'a token in the trailers of a chunked body',
      (t) =>
        head(t, 'POST /graphql HTTP/1.1', JSON_TYPE, 'Transfer-Encoding: chunked', 'Trailer: Authorization') +
        `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n${asMallory(t)}\r\n\r\n`,
      '200 UNAUTHENTICATED, open',
    ),
    bytes('header lines that end with a bare CR', (t) => `GET /graphql HTTP/1.1\rHost: ${t.host}\rX: y\r\r`),
    bytes('HTTP/0.9', () => 'GET /health/live\r\n\r\n', ['400, closed', '200 no data, closed']),
    bytes('HTTP/9.9', (t) => head(t, 'GET /graphql HTTP/9.9')),
    bytes('HTTP/2 without asking first', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
    bytes('an upgrade to h2c', (t) =>
      head(
        t,
        'GET /graphql HTTP/1.1',
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABk',
      ),
    ),
    bytes('TLS on the port without TLS', () => Buffer.from('16030100c8010000c40303', 'hex')),
    bytes('4 kB of noise', () => Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 197) % 256))),
    bytes(
      'CONNECT, as to an open proxy',
      () => 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n',
      'nothing, closed',
    ),
    bytes('no Host header', () => 'GET /health/live HTTP/1.1\r\n\r\n'),
    bytes(
      'a Host header that is no host',
      () => 'GET /graphql HTTP/1.1\r\nHost: a b[%%%\r\nConnection: close\r\n\r\n',
    ),
    bytes(
      '5,000 headers',
      (t) => head(t, 'GET /graphql HTTP/1.1', ...Array.from({ length: 5_000 }, (_, i) => `x-${i}: y`)),
      '431, closed',
    ),
    bytes('a NUL in the URL', (t) => head(t, 'GET /graphql?query=\0 HTTP/1.1')),
    bytes(
      '200 pipelined requests',
      (t) => head(t, 'GET /health/live HTTP/1.1').repeat(200),
      '200 × 200 no data, open',
    ),
    bytes(
      '1,000 pipelined requests for the metrics, in one packet',
      (t) => head(t, 'GET /metrics HTTP/1.1').repeat(1_000),
      '1000 × 200, open',
    ),
    { name: '20 MB of pipelined requests, with no answer read', send: pipelineUnread, expected: 'held back' },
    {
      name: '50 queries whose connections are reset before they are answered',
      async send(target) {
        const request = head(
          target,
          'POST /graphql HTTP/1.1',
          JSON_TYPE,
          asMallory(target),
          `Content-Length: ${BODY.length}`,
        );
        for (let i = 0; i < 50; i++) {
          const { socket } = new RawConnection(target);
          socket.write(request + BODY, () => socket.resetAndDestroy());
        }
        return raw(target, head(target, 'GET /health/live HTTP/1.1', 'Connection: close'));
      },
      expected: '200 no data, closed',
    },
    {
      name: 'a body that promises more than it has, and hangs up',
      async send(target) {
        const connection = new RawConnection(target);
        connection.write(
          `${head(target, 'POST /graphql HTTP/1.1', JSON_TYPE, 'Content-Length: 9999')}{"query":`,
        );
        connection.socket.end();
        return connection.outcome();
      },
      expected: REFUSED,
    },
    {
      name: 'headers that never end (slowloris), on 50 connections',
      on: 'production',
      send: (t) => fromMany(50, () => drip(t, `GET /graphql HTTP/1.1\r\nHost: ${t.host}\r\nx-slow: `)),
      expected: '408, closed',
    },
    {
      name: 'a body that never ends, on 50 connections',
      on: 'production',
      send: (t) =>
        fromMany(50, () => drip(t, head(t, 'POST /graphql HTTP/1.1', JSON_TYPE, 'Content-Length: 100000'))),
      expected: '408, closed',
    },
    {
      name: '200 connections that say nothing',
      on: 'production',
      send: (t) => fromMany(200, () => raw(t, '')),
      expected: ['408, closed', 'nothing, closed'],
    },
  ],
};

/** For some 60 kB, which a server that reads takes in some milliseconds. */
const TAKEN_WITHIN_MS = 3_000;

/** Whether the server stops reading from a client who reads nothing. */
async function pipelineUnread(target: Target): Promise<string> {
  const { socket } = new RawConnection(target);
  socket.pause();
  const requests = head(target, 'GET /health/live HTTP/1.1').repeat(1_000);
  // One after another: what waits behind a write goes out with it, and would seem to be held back.
  const taken = () => new Promise((resolve) => socket.write(requests, () => resolve('taken')));
  try {
    for (let sent = 0; sent < 20_000_000; sent += requests.length)
      if ((await Promise.race([taken(), delay(TAKEN_WITHIN_MS)])) !== 'taken') return 'held back';
    return 'took all';
  } finally {
    socket.destroy();
  }
}
