import { gzipSync } from 'node:zlib';
import { type Attack, each, type Group } from '../attack.ts';
import { SEND, WHO } from '../operations.ts';
import { SPOKEN } from '../people.ts';
import { post } from '../senders/http.ts';
import { head, RawConnection } from '../senders/raw.ts';
import type { Target } from '../target.ts';

const BAD = '400 BAD_USER_INPUT';
const WRONG_TYPE = '415 BAD_USER_INPUT';
const TOO_LARGE = '413 BAD_USER_INPUT';
/** Default of MAX_BODY_BYTES. */
const MAX_BODY_BYTES = 262_144;

/** A send that would count, if it were taken. */
const sending = ({ cast }: Target, text = SPOKEN) => ({
  query: SEND,
  variables: { input: { receiverId: cast.bob.id, messageText: text } },
});

const asType = (
  name: string,
  type: string,
  bodyFor: (target: Target) => string | Buffer,
  expected: string | readonly string[],
): Attack => ({
  name,
  send: (target) => post(target, bodyFor(target), { headers: { 'content-type': type } }),
  expected,
});

const asJson = (target: Target) => JSON.stringify(sending(target));

const asForm = (target: Target) => {
  const { query, variables } = sending(target);
  return new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString();
};

const asMultipart = (target: Target) => {
  const part = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  return `${part('operations', asJson(target))}${part('map', '{}')}--b--\r\n`;
};

/** The same text, with bytes that are never part of UTF-8. */
const invalidUtf8 = (target: Target) =>
  Buffer.from(JSON.stringify(sending(target, `${SPOKEN} \xff\xfe`)), 'latin1');

const padded = (bytes: number) => JSON.stringify({ query: WHO }).padEnd(bytes);

export const httpBodies: Group = {
  name: 'HTTP bodies',
  attacks: [
    asType(
      'a form, which every page may post (CSRF)',
      'application/x-www-form-urlencoded',
      asForm,
      WRONG_TYPE,
    ),
    asType('a multipart form (CSRF)', 'multipart/form-data; boundary=b', asMultipart, WRONG_TYPE),
    each(
      'JSON as another type (CSRF)',
      [
        'text/plain',
        'text/plain;application/json',
        'application/graphql',
        'application/jsonp',
        'application/xml',
        '',
      ],
      (t, type) => post(t, asJson(t), { headers: { 'content-type': type } }),
      WRONG_TYPE,
    ),
    {
      name: 'one byte more than a body may have',
      send: (t) => post(t, padded(MAX_BODY_BYTES + 1)),
      expected: TOO_LARGE,
    },
    {
      name: 'the same in chunks, without a Content-Length',
      send: (t) => post(t, padded(MAX_BODY_BYTES + 1), { headers: { 'transfer-encoding': 'chunked' } }),
      expected: TOO_LARGE,
    },
    { name: 'a chunked body without end', send: endless, expected: TOO_LARGE },
    {
      name: 'a gzip bomb: 20 MB in 20 kB',
      send: (t) =>
        post(t, gzipSync(Buffer.alloc(20_000_000, ' ')), { headers: { 'content-encoding': 'gzip' } }),
      expected: BAD,
    },
    { name: 'no body', send: (t) => post(t, ''), expected: BAD },
    { name: 'JSON that breaks off', send: (t) => post(t, '{"query": "{ viewer'), expected: BAD },
    {
      name: 'JSON with a comment',
      send: (t) => post(t, `${JSON.stringify({ query: WHO })} // x`),
      expected: BAD,
    },
    asType('bytes that are no UTF-8, in a text to be kept exactly', 'application/json', invalidUtf8, BAD),
    asType('a text in Latin-1, which is said', 'application/json; charset=iso-8859-1', invalidUtf8, [
      BAD,
      WRONG_TYPE,
    ]),
    asType('JSON in UTF-16', 'application/json; charset=utf-16le', (t) => Buffer.from(asJson(t), 'utf16le'), [
      BAD,
      WRONG_TYPE,
    ]),
    {
      name: 'a batch: two sends in one array',
      send: (t) => post(t, [sending(t), sending(t)]),
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
  ],
};

/** One chunk more than a body may have, and no end. */
async function endless(target: Target): Promise<string> {
  const connection = new RawConnection(target);
  const authorization = `Authorization: Bearer ${target.cast.mallory.token}`;
  connection.write(
    head(
      target,
      'POST /graphql HTTP/1.1',
      authorization,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ),
  );
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  for (let sent = 0; sent <= MAX_BODY_BYTES; sent += 0x4000) connection.write(chunk);
  return (await connection.outcome()).split(',', 1)[0] ?? '';
}
