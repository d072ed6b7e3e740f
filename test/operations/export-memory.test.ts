import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { run } from '../support/operator.ts';
import { BEGINNING, insertMany } from './exporting/many-messages.ts';

// Slow, not late: so much is written, and then exported.
jest.setTimeout(90_000);

const MESSAGES = 30_000;
const CHARACTERS = 6_400;

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  folder = await freshDirectory();
  database = await createTestDatabase();
  await insertMany(database.pool, MESSAGES, CHARACTERS);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await sweep();
});

/** Has a program say how much memory it has had at most, when it ends. */
const TELL_MEMORY = `data:text/javascript,process.on('exit',()=>console.error(process.resourceUsage().maxRSS))`;

/** Of an export up to that time, in bytes. */
async function memoryOf(until: string): Promise<{ readonly peak: number; readonly written: number }> {
  const { code, stderr } = await run('export', {
    folder,
    args: ['--since', BEGINNING, '--format', 'ndjson', '--until', until, '--out', until],
    environment: {
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--max-old-space-size=32 --import=${TELL_MEMORY}`,
    },
  });
  expect(code).toBe(0);
  const kibibytes = Number(stderr.trim().split('\n').at(-1));
  return { peak: kibibytes * 1_024, written: (await stat(join(folder, until))).size };
}

test('an export takes little more memory for many messages than for one', async () => {
  const [one, many] = [await memoryOf('2026-01-01T00:00:01Z'), await memoryOf('9999-01-01T00:00:00Z')];
  expect(many.written).toBeGreaterThan(MESSAGES * CHARACTERS);
  expect(many.peak - one.peak).toBeLessThan(many.written / 2);
});
