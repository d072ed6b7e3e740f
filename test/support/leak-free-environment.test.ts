import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const JEST = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url));
const ENVIRONMENT = fileURLToPath(new URL('./leak-free-environment.js', import.meta.url));

const FILES = {
  'closed.test.js':
    "test('', (done) => { const s = require('net').createServer().listen(0, () => s.close(done)); });",
  'server.test.js': "test('', (done) => { require('net').createServer().listen(0, done); });",
  'timer.test.js': "test('', () => { setInterval(() => {}, 1_000); });",
};

test('a test file fails that leaves something open', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-leaks-'));
  try {
    await mkdir(join(directory, 'test'));
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(directory, 'test', name), text);
    await writeFile(
      join(directory, 'jest.config.json'),
      JSON.stringify({ testEnvironment: ENVIRONMENT, transform: {} }),
    );
    const report = await jest(directory);
    expect(report).toMatch(/^PASS test\/closed\.test\.js/m);
    expect(report).toMatch(/^FAIL test\/server\.test\.js.*?left open [^:]*: TCPServerWrap$/ms);
    expect(report).toMatch(/^FAIL test\/timer\.test\.js.*?left open [^:]*: Timeout$/ms);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 90_000);

/** What jest says of a directory's tests. */
function jest(directory: string): Promise<string> {
  const options = { cwd: directory, env: { ...process.env, NODE_OPTIONS: '' } };
  return new Promise((resolve) => {
    execFile(process.execPath, [JEST, '--maxWorkers=3'], options, (_, __, report) => resolve(report));
  });
}
