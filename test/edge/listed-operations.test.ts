import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, TestClient } from '../support/client.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const WHO = '{ viewer { username } }';
const FIND = 'query Find($name: String!) { user(username: $name) { username } }';
const FOLLOW = 'subscription { inbox { __typename } }';
const idOf = (document: string) => createHash('sha256').update(document).digest('hex');
const LIST = Object.fromEntries([WHO, FIND, FOLLOW].map((document) => [idOf(document), document]));

let folder: string;
let any: TestServer;
let listed: TestServer;
let alice: Person;
let strict: Person;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-operations-'));
  const OPERATIONS_FILE = await fileOf(LIST);
  any = await startTestServer({ environment: { OPERATIONS_FILE } });
  listed = await startTestServer({
    environment: { OPERATIONS_FILE, OPERATIONS: 'listed' },
    database: any,
  });
  [alice] = await createPeople(any, 'alice');
  strict = { ...alice, client: new TestClient(listed.url, alice.name) };
});
afterAll(async () => {
  await listed[Symbol.asyncDispose]();
  await any[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

let files = 0;
async function fileOf(content: unknown): Promise<string> {
  const file = join(folder, `${++files}.json`);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const persisted = (id: string) => ({ persistedQuery: { version: 1, sha256Hash: id } });

/** What an operation given by its id answers, over HTTP and on a socket. */
async function byId({ client }: Person, parameters: Record<string, unknown>): Promise<Answer[]> {
  const response = await client.post(parameters);
  const overHttp = (await response.json()) as Answer;
  const socket = await client.socket();
  const onSocket = await new Promise<Answer>((resolve) => {
    socket.subscribe(
      { query: '', ...parameters },
      {
        next: (answer) => resolve(answer as Answer),
        error: (errors) => resolve({ errors } as Answer),
        complete: () => {},
      },
    );
  });
  await socket.dispose();
  return [overHttp, onSocket];
}

describe.each([
  ['where any operation may be run', () => alice],
  ['where only listed ones may', () => strict],
])('%s', (_, person) => {
  test('an operation runs by the id of a persisted query, on every transport', async () => {
    const parameters = { extensions: persisted(idOf(FIND)), variables: { name: alice.name } };
    for (const answer of await byId(person(), parameters))
      expect(answer).toEqual({ data: { user: { username: alice.name } } });
  });

  test('and by a documentId, with the name of its hash or without', async () => {
    for (const documentId of [idOf(WHO), `sha256:${idOf(WHO)}`])
      for (const answer of await byId(person(), { documentId }))
        expect(answer).toEqual({ data: { viewer: { username: alice.name } } });
  });

  test('by GET, too', async () => {
    const url = new URL(person().client.url);
    url.searchParams.set('extensions', JSON.stringify(persisted(idOf(WHO))));
    const response = await fetch(url, {
      headers: { ...(await alice.client.headers()), accept: 'application/json' },
    });
    expect(await response.json()).toEqual({ data: { viewer: { username: alice.name } } });
  });

  test.each(['unknown', 7, '__proto__', { $ne: null }])('an id such as %j is bad input', async (id) => {
    for (const answer of await byId(person(), { documentId: id }))
      expect(answer).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'documentId' } }],
      });
  });
});

describe('where any operation may be run', () => {
  test('a text runs that is not listed, also beside an id that is not', async () => {
    expect((await alice.client.ask('{ unreadCount }')).data).toEqual({ unreadCount: 0 });
    const response = await alice.client.post({
      query: '{ unreadCount }',
      extensions: persisted(idOf('{ unreadCount }')),
    });
    expect(await response.json()).toEqual({ data: { unreadCount: 0 } });
  });
});

describe('where only listed ones may', () => {
  test('another text is FORBIDDEN with 400, and does nothing', async () => {
    const response = await strict.client.post({ query: '{ unreadCount }' });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(response.status).toBe(400);
    for (const answer of await byId(strict, { query: '{ unreadCount }' }))
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test('another text is not run beside an id that is listed', async () => {
    for (const answer of await byId(strict, { query: '{ unreadCount }', documentId: idOf(WHO) }))
      expect(answer).toEqual({ data: { viewer: { username: alice.name } } });
  });

  test('the very text of a listed one runs', async () => {
    expect((await strict.client.ask(WHO)).data).toEqual({ viewer: { username: alice.name } });
  });
});

describe('a start is refused, naming OPERATIONS_FILE, when', () => {
  test.each([
    ['it is not there', async () => join(folder, 'nowhere.json'), /ENOENT/],
    ['it is no JSON', () => fileOf('{'), /JSON/],
    ['it is no object', () => fileOf([WHO]), /object of documents/],
    ['a document is no text', () => fileOf({ a: 1 }), /a is no text/],
    ['a document does not parse', () => fileOf({ a: '{' }), /a cannot be run here: Syntax Error/],
    [
      'a document is not of this schema',
      () => fileOf({ a: '{ nothing }' }),
      /a cannot be run here: Cannot query/,
    ],
  ])('%s', async (_, file, says) => {
    const start = startTestServer({ environment: { OPERATIONS_FILE: await file() }, database: any });
    await expect(start).rejects.toThrow(/^OPERATIONS_FILE /);
    await expect(start).rejects.toThrow(says);
  });

  test('it is missing where only listed operations may be run', async () => {
    await expect(startTestServer({ environment: { OPERATIONS: 'listed' }, database: any })).rejects.toThrow(
      /^OPERATIONS_FILE is missing/,
    );
  });
});
