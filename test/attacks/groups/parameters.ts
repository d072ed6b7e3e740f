import { createHash } from 'node:crypto';
import { type Attack, BAD_VARIABLE, each, type Group } from '../attack.ts';
import { LIST, MALLORY, NODES, SEND, USER, WHO } from '../operations.ts';
import { SPOKEN } from '../people.ts';
import { ask, post } from '../senders/http.ts';
import type { Target } from '../target.ts';

const BAD = '400 BAD_USER_INPUT';

/** JSON as it stands: what JSON.stringify would not write. */
const json = (
  name: string,
  body: (target: Target) => string,
  expected: string | readonly string[],
): Attack => ({
  name,
  send: (target) => post(target, body(target)),
  expected,
});

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const WRONG_TYPES = {
  query: [1, [WHO], { a: 1 }, true],
  variables: ['{}', [1], 7],
  operationName: [7, {}, ['A']],
  extensions: ['x', [1], 7],
};

const inputFor = ({ cast }: Target) => JSON.stringify({ receiverId: cast.bob.id, messageText: SPOKEN });

export const parameters: Group = {
  name: 'parameters',
  attacks: [
    each('bodies that are no object', ['null', '7', '"{ viewer { id } }"', 'true', '[]'], post, BAD),
    ...Object.entries(WRONG_TYPES).map(([name, values]) =>
      each<unknown>(
        `${name} of a wrong type`,
        values,
        (t, value) => post(t, { query: WHO, [name]: value }),
        BAD,
      ),
    ),
    { name: 'a query that is one space', send: (t) => ask(t, ' '), expected: BAD },
    { name: 'an unknown parameter', send: (t) => post(t, { query: WHO, admin: true }), expected: BAD },
    {
      name: 'the operationName __proto__',
      send: (t) => post(t, { query: `query A ${WHO}`, operationName: '__proto__' }),
      expected: BAD,
    },
    json('__proto__ beside the query', () => `{"query": "${WHO}", "__proto__": {"operationName": "A"}}`, BAD),
    json('__proto__ with the query', () => `{"__proto__": {"query": "${WHO}"}}`, BAD),
    json(
      '__proto__ in an input, with its fields',
      (t) => `{"query": ${JSON.stringify(SEND)}, "variables": {"input": {"__proto__": ${inputFor(t)}}}}`,
      BAD_VARIABLE,
    ),
    json(
      '__proto__ in the variables, with the input',
      (t) => `{"query": ${JSON.stringify(SEND)}, "variables": {"__proto__": {"input": ${inputFor(t)}}}}`,
      BAD_VARIABLE,
    ),
    json(
      'variables nested 50,000 deep, where none are declared',
      () => `{"query": "${WHO}", "variables": {"a": ${nested(50_000)}}}`,
      `200 ${MALLORY}`,
    ),
    json(
      'a variable nested 50,000 deep',
      () => `{"query": "${NODES}", "variables": {"ids": ${nested(50_000)}}}`,
      BAD_VARIABLE,
    ),
    json(
      '20,000 variables that are not declared',
      () =>
        `{"query": "${WHO}", "variables": {${Array.from({ length: 20_000 }, (_, i) => `"v${i}":1`).join()}}}`,
      `200 ${MALLORY}`,
    ),
    each(
      'numbers that are no Int',
      ['1e400', '9007199254740993', '1.5', `1${'0'.repeat(10_000)}`],
      (t, number) =>
        post(
          t,
          JSON.stringify({ query: LIST, variables: { first: 0 } }).replace('"first":0', `"first":${number}`),
        ),
      BAD_VARIABLE,
    ),
    { name: 'an input that lacks a field', send: (t) => ask(t, SEND, { input: {} }), expected: BAD_VARIABLE },
    { name: 'a variable that is needed and not given', send: (t) => ask(t, USER), expected: BAD_VARIABLE },
    {
      name: 'the hash of a document that was never stored',
      send: (t) =>
        post(t, {
          extensions: {
            persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(WHO).digest('hex') },
          },
        }),
      expected: BAD,
    },
    {
      name: 'a document to be stored under a wrong hash (cache poisoning)',
      async send(target) {
        const extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };
        await post(target, { query: WHO, extensions });
        return post(target, { extensions });
      },
      expected: BAD,
    },
    each<unknown>(
      'documentIds that were never given out',
      ['../../../etc/passwd', '__proto__', 'constructor', '', 7, { a: 1 }],
      (t, documentId) => post(t, { documentId }),
      BAD,
    ),
  ],
};
