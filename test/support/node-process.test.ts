import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { eventually } from './eventually.ts';

const REGISTER = new URL('./register-typescript.js', import.meta.url);
const NODE_PROCESS = new URL('./node-process.ts', import.meta.url);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test('a server does not outlive a test process that is killed', async () => {
  const script = `
    import { startNodeProcess } from '${NODE_PROCESS}';
    console.log((await startNodeProcess('${database.url}')).url);`;
  const parent = spawn(process.execPath, ['--import', REGISTER.href, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const live = new URL('/health/live', String((await once(parent.stdout, 'data'))[0]).trim());
  expect((await fetch(live)).status).toBe(200);
  parent.kill('SIGKILL');
  await eventually(() => expect(fetch(live)).rejects.toThrow('fetch failed'));
});
