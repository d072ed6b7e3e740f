import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { onEmptyDatabase } from '../support/empty-database.ts';
import { insertMessages, type SentMessage, send } from '../support/messages.ts';
import { npm, run } from '../support/operator.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { parseCsv } from './exporting/csv.ts';

const TEXTS = [
  'plain',
  '=HYPERLINK("https://evil.example";"click")',
  'a "quoted" text, with commas,\r\nand\nlines\r',
  '"',
  ' , ',
  '\u2028 \\u0041 \\n \t \u0001',
  '👩‍👩‍👧 𝒳 ñ ñ',
  'é'.repeat(10_000),
  Array.from({ length: 9_999 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000))).join(''),
];

let server: TestServer;
let [alice, bob]: readonly Person[] = [];
let folder: string;
const sent: SentMessage[] = [];

beforeAll(async () => {
  folder = await freshDirectory();
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob, "the other"');
  for (const text of TEXTS) sent.push(await send(alice as Person, bob as Person, text));
  await server.pool.query("UPDATE messages SET is_read = true WHERE message_text = 'plain'");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await sweep();
});

function exportWith(...args: readonly string[]) {
  return run('export', { folder, args, environment: { DATABASE_URL: server.databaseUrl } });
}

const first = () => sent[0]?.createdAt ?? '';
const person = ({ id, name }: Person) => ({ id, externalId: name, username: name });
const expected = () =>
  sent.map(({ id, messageText, createdAt }) => ({
    id,
    sender: person(alice as Person),
    receiver: person(bob as Person),
    messageText,
    createdAt,
    isRead: messageText === 'plain',
  }));

const linesOf = (stdout: string) =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('npm run export', () => {
  test('as npm runs it prints what the API shows, an object a line, and nothing else; the count goes to stderr', async () => {
    const args = ['run', '-s', 'export', '--', '--since', first(), '--format', 'ndjson'];
    const { code, stdout, stderr } = await npm(args, { DATABASE_URL: server.databaseUrl }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: `exported ${TEXTS.length} messages\n` });
    expect(linesOf(stdout)).toEqual(expected());
  });

  test('prints whole what is kept in two parts', async () => {
    const { rows } = await server.pool.query(
      'SELECT full_text AS text FROM messages WHERE full_text IS NOT NULL',
    );
    expect(rows.map(({ text }) => text)).toEqual(TEXTS.slice(-1));
    const { stdout } = await exportWith('--since', first(), '--format', 'ndjson');
    expect(linesOf(stdout).at(-1).messageText).toBe(TEXTS.at(-1));
  });

  test('prints the same as CSV', async () => {
    const { code, stdout } = await exportWith('--since', first(), '--format', 'csv');
    expect(code).toBe(0);
    const [header, ...records] = parseCsv(stdout);
    expect(header).toEqual([
      ...['id', 'senderId', 'senderExternalId', 'senderUsername'],
      ...['receiverId', 'receiverExternalId', 'receiverUsername', 'messageText', 'createdAt', 'isRead'],
    ]);
    expect(records).toEqual(
      expected().map(({ id, sender, receiver, messageText, createdAt, isRead }) => [
        ...[id, ...Object.values(sender), ...Object.values(receiver)],
        ...[messageText, createdAt, String(isRead)],
      ]),
    );
  });

  test('takes from since on, up to but not including until, in the order of time, then of number', async () => {
    const times = [
      '1999-01-01T00:00:00.000001Z',
      '1999-01-01T00:00:00Z',
      '1998-12-31T23:59:59.999999Z',
      '1999-01-01T00:00:01Z',
      '1999-01-01T00:00:00Z',
    ];
    await insertMessages(server.pool, bob as Person, alice as Person, times);
    const range = ['--since', '1999-01-01T01:00:00+01:00', '--until', '1999-01-01T00:00:01Z'];
    const { stdout } = await exportWith(...range, '--format', 'ndjson');
    const found = linesOf(stdout).map(({ messageText, createdAt }) => [messageText, createdAt]);
    expect(found).toEqual([
      ['1', '1999-01-01T00:00:00.000000Z'],
      ['4', '1999-01-01T00:00:00.000000Z'],
      ['0', '1999-01-01T00:00:00.000001Z'],
    ]);
  });

  test('of a time without messages prints none', async () => {
    const range = ['--since', '9999-01-01T00:00:00Z', '--format'];
    expect(await exportWith(...range, 'ndjson')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'exported 0 messages\n',
    });
    expect(parseCsv((await exportWith(...range, 'csv')).stdout)).toHaveLength(1);
  });
});

describe('npm run export answers with one line and 1, before it connects:', () => {
  const SINCE = ['--since', '2026-01-01T00:00:00Z'];
  const FORMAT = ['--format', 'csv'];
  const USAGE = /Usage: npm run -s export -- --since/;
  test.each<[string, readonly string[], RegExp]>([
    ['no time', FORMAT, /^--since is missing\. Usage:/],
    ['an empty time', ['--since=', ...FORMAT], /^--since takes a time by RFC 3339 .*, not ""/],
    [
      'a day',
      ['--since', '2026-01-01', ...FORMAT],
      /^--since takes .*2026-11-22T10:00:00Z, not "2026-01-01"/,
    ],
    ['a day that is none', ['--since', '2026-02-30T00:00:00Z', ...FORMAT], /^--since takes/],
    ['the year 0', ['--since', '0000-01-01T00:00:00Z', ...FORMAT], /^--since takes .* 0001 to 9999/],
    ['the year 10000', [...SINCE, '--until', '9999-12-31T23:59:59-01:00', ...FORMAT], /^--until takes/],
    [
      'an end before the beginning',
      [...SINCE, '--until', '2025-12-31T23:59:59Z', ...FORMAT],
      /^--until takes a time later/,
    ],
    [
      'an end at the beginning',
      [...SINCE, '--until', '2026-01-01T01:00:00+01:00', ...FORMAT],
      /^--until takes a time later/,
    ],
    ['no format', SINCE, /^--format is missing\. Usage:/],
    ['a format that is none', [...SINCE, '--format', 'xml'], /^--format takes ndjson or csv, not "xml"/],
    ['a name of every object', [...SINCE, '--format', 'constructor'], /^--format takes ndjson or csv/],
    ['an option that is none', [...SINCE, ...FORMAT, '--limit=5'], /^Unknown option '--limit'\. Usage/],
    ['an option without its value', [...FORMAT, '--since'], USAGE],
    ['an option for a value', ['--since', '--format', 'csv'], USAGE],
    ['something else', [...SINCE, ...FORMAT, 'alice'], USAGE],
    ['no name of a file', [...SINCE, ...FORMAT, '--out='], /^--out takes the name of a file/],
    [
      'a folder that is none',
      [...SINCE, ...FORMAT, '--out', 'nowhere/x.csv'],
      /^--out cannot be written: ENOENT/,
    ],
    ['a folder for a file', [...SINCE, ...FORMAT, '--out', '.'], /^\. is there already/],
  ])('%s', async (_name, args, line) => {
    const environment = { DATABASE_URL: 'postgres://u:a-password@127.0.0.1:1/parley' };
    const { code, stdout, stderr } = await run('export', { folder, args, environment });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
  });
});

describe('the database of an export', () => {
  const ARGS = ['--since', '2026-01-01T00:00:00Z', '--format', 'csv'];
  const exportFrom = (environment: Readonly<Record<string, string>>) =>
    run('export', { folder, args: ARGS, environment });
  const refusal = (line: RegExp) => ({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^${line.source}[^\\n]*\\n$`)),
  });

  test('is the one without a pooler in between', async () => {
    const environment = {
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/parley',
      DATABASE_DIRECT_URL: server.databaseUrl,
    };
    expect(await exportFrom(environment)).toMatchObject({ code: 0 });
  });

  test('is the embedded one where none is set, whether a server runs it or not', async () => {
    const DATA_DIR = await freshDirectory();
    expect(await exportFrom({ DATA_DIR })).toEqual({
      signal: null,
      ...refusal(/DATABASE_URL is missing, and there is no embedded database in /),
    });
    // Of the version that the command brings, whichever the other tests run against.
    const embedded = await startEmbeddedPostgres({ directory: DATA_DIR, settings: { fsync: 'off' } });
    await applyMigrations(embedded.url);
    expect(await exportFrom({ DATA_DIR })).toMatchObject({ code: 0, stderr: 'exported 0 messages\n' });
    await embedded.stop();
    expect(await exportFrom({ DATA_DIR })).toMatchObject({ code: 0, stderr: 'exported 0 messages\n' });
  });

  test('is named where it cannot be reached, without its password', async () => {
    const ending = await exportFrom({ DATABASE_URL: 'postgres://u:a-password@127.0.0.1:1/parley' });
    expect(ending).toMatchObject(refusal(/Cannot reach database "parley" on 127.0.0.1:1 as user "u": /));
    expect(ending.stderr).not.toContain('a-password');
  });

  test('must have been migrated', async () => {
    await onEmptyDatabase(async (url) => {
      expect(await exportFrom({ DATABASE_URL: url })).toMatchObject(
        refusal(/There are not the tables of this Parley in .*; run npm run db:migrate first: /),
      );
    });
  });
});
