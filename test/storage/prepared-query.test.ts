import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { connectionExecutor, type Executor } from '../../src/storage/executor.ts';
import type { Columns, Statement } from '../../src/storage/statement.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let client: pg.Client;
let executor: Executor;
/** The messages of the database's protocol that have come, by kind. */
let came: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url, options: '-c TimeZone=UTC' });
  const { connection } = client as unknown as { readonly connection: NodeJS.EventEmitter };
  for (const kind of ['parseComplete', 'rowDescription', 'dataRow'])
    connection.on(kind, () => came.push(kind));
  came = [];
  await client.connect();
  executor = connectionExecutor(client);
});
beforeEach(() => {
  came = [];
});
afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

/** Each with a name of its own: under one name there is one statement. */
const statement = (name: string, text: string): Statement<Columns> => ({
  name,
  text,
  row: (columns) => columns,
});

const NUMBERS = statement('numbers', 'SELECT i FROM generate_series(1, $1::int) i');

test('a statement is prepared, and its columns are described, once a connection', async () => {
  expect(await executor.run(NUMBERS, [3])).toEqual([[1], [2], [3]]);
  expect(came).toEqual(['parseComplete', 'rowDescription', 'dataRow', 'dataRow', 'dataRow']);
  came = [];
  expect(await executor.run(NUMBERS, [2])).toEqual([[1], [2]]);
  expect(await executor.run(NUMBERS, [0])).toEqual([]);
  expect(came).toEqual(['dataRow', 'dataRow']);
});

test.each([
  ["1, NULL::int, 'a', ''::text, true, false, NULL::boolean"],
  ['9223372036854775807::bigint, 1.5::float8, 1e40::numeric, \'é "quoted" \\\'::text'],
  ["ARRAY[1, NULL, 2], ARRAY['a', NULL, '', '\"\\,{}'], ARRAY[1::bigint], '{}'::int[]"],
  ["'\\x00ff'::bytea, '{\"a\": [1]}'::jsonb"],
])('values are what pg makes of them: %s', async (columns) => {
  const query = statement(columns.slice(0, 20), `SELECT ${columns}`);
  const { rows } = await client.query({ text: query.text, rowMode: 'array' });
  for (let i = 0; i < 2; i++) expect(await executor.run(query, [])).toEqual(rows);
});

test('a time is text, in UTC and with its microseconds', async () => {
  const query = statement('times', 'SELECT at FROM unnest($1::timestamptz[]) at');
  expect(
    await executor.run(query, [['2026-01-02 03:04:05.000001+01', null, '1999-12-31T23:59:59Z']]),
  ).toEqual([['2026-01-02T02:04:05.000001Z'], [null], ['1999-12-31T23:59:59.000000Z']]);
});

test('parameters are what pg makes of them', async () => {
  const values = [
    1,
    '{a"b\\c,}',
    null,
    true,
    Buffer.from([0, 255]),
    [1, 2],
    ['a"\\,{}', null, 'NULL', ''],
    [],
    ['1', '2,3', '4}', '5"', '6 ', '7\\', '2026-01-02T03:04:05Z\n', '8', '9T'],
    [Number.NaN, -1.5, 1e40, Number.NEGATIVE_INFINITY],
  ];
  const types = ['int', 'text', 'text', 'boolean', 'bytea', 'int[]', 'text[]', 'int[]', 'text[]', 'float8[]'];
  const text = `SELECT ${types.map((type, i) => `$${i + 1}::${type}`).join(', ')}`;
  expect(await executor.run(statement('parameters', text), values)).toEqual([values]);
});

describe('the connection goes on after', () => {
  async function answersWell() {
    expect(await executor.run(NUMBERS, [1])).toEqual([[1]]);
  }

  test('a statement that is none', async () => {
    const wrong = statement('wrong', 'SELEKT 1');
    for (let i = 0; i < 2; i++)
      await expect(executor.run(wrong, [])).rejects.toMatchObject({ code: '42601' });
    await answersWell();
  });

  test('a value that is wrong, the first time', async () => {
    const query = statement('first wrong', 'SELECT $1::int + 1');
    await expect(executor.run(query, ['x'])).rejects.toMatchObject({ code: '22P02' });
    expect(came).toEqual(['parseComplete']);
    expect(await executor.run(query, ['1'])).toEqual([[2]]);
    expect(await executor.run(query, [2])).toEqual([[3]]);
    expect(came).toEqual(['parseComplete', 'rowDescription', 'dataRow', 'dataRow']);
    await answersWell();
  });

  test('an error between rows', async () => {
    const query = statement('breaks', 'SELECT 2 / (3 - i) FROM generate_series(1, $1::int) i');
    await expect(executor.run(query, [5])).rejects.toMatchObject({ code: '22012' });
    expect(await executor.run(query, [2])).toEqual([[1], [2]]);
    await answersWell();
  });

  test('another statement of the same name', async () => {
    await executor.run(NUMBERS, [1]);
    const other = statement(NUMBERS.name, 'SELECT 5');
    await expect(executor.run(other, [])).rejects.toThrow('Another statement has been prepared as "numbers"');
    await answersWell();
  });

  test('rows of which nothing can be made', async () => {
    const row = () => {
      throw new Error('no such row');
    };
    await expect(executor.run({ ...NUMBERS, row }, [3])).rejects.toThrow('no such row');
    await answersWell();
  });

  test('a value that cannot be written', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    await expect(executor.run(NUMBERS, [circle])).rejects.toThrow('circular');
    await answersWell();
  });
});

test('what has no columns gives no rows', async () => {
  const query = statement('nothing', "SET application_name = 'x'");
  for (let i = 0; i < 2; i++) expect(await executor.run(query, [])).toEqual([]);
});
