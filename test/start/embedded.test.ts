import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { endAll, npm, processesIn, type Running, run, start } from '../support/operator.ts';
import { ask } from '../support/token-holder.ts';

// Slow, not late: several starts of whole servers in a row.
jest.setTimeout(90_000);

let original: string;
let folder: string;

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'parley-start-'));
  await chmod(original, 0o711); // as root, the database's user has to get in
});
beforeEach(async () => {
  folder = await freshDirectory();
});
afterEach(async () => {
  await endAll();
  await sweep();
});
afterAll(async () => {
  await rm(original, { recursive: true, force: true });
});

/** The test's folder, as a first start has left it: making it anew takes seconds. */
async function usedFolder(): Promise<string> {
  if ((await readdir(original)).length === 0) {
    const parley = start('parley', { folder, environment: { ...environment, DATA_DIR: original } });
    await parley.url();
    parley.press('SIGINT');
    await parley.ended;
  }
  spawnSync('cp', ['-a', `${original}/.`, folder]);
  return folder;
}

const environment = { PORT: '0' };
// Passed by name, so that the folder shows in the command lines of all that belongs to it.
const inFolder = () => ({ folder, environment: { ...environment, DATA_DIR: folder } });

async function tokenOf(name: string, ...args: string[]): Promise<string> {
  const { stdout, stderr, code } = await run('token', { ...inFolder(), args: [name, ...args] });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

/** Asserts that it stops, with nothing left of it. */
async function expectStop(parley: Running, signal: NodeJS.Signals): Promise<void> {
  expect(processesIn(folder).length).toBeGreaterThan(0);
  parley.press(signal);
  const { code, stderr } = await parley.ended;
  expect({ code, stderr, left: processesIn(folder) }).toEqual({ code: 0, stderr: '', left: [] });
}

describe('with no settings', () => {
  test('the first start says where GraphiQL is and how to get a token; the second one has kept everything', async () => {
    const first = start('parley', inFolder());
    const url = await first.url();
    expect(first.output()).toMatch(
      /^ {2}Parley is ready\. Open GraphiQL: http:\/\/127\.0\.0\.1:\d+\/graphql$/m,
    );
    expect(first.output()).toMatch(/^ {2}Get a token: npm run -s token -- alice/m);

    const token = await tokenOf('alice');
    const sent = await ask(
      url,
      `Bearer ${token}`,
      'mutation { sendMessage(input: { receiverId: "VXNlcjoy", messageText: "kept?" }) { message { id } } }',
    );
    expect(sent.body.errors).toBeUndefined();
    await expectStop(first, 'SIGINT');

    const second = start('parley', inFolder());
    const message = `{ message(id: "${sent.body.data.sendMessage.message.id}") { messageText } }`;
    const { body } = await ask(await second.url(), `Bearer ${token}`, message);
    expect(body).toEqual({ data: { message: { messageText: 'kept?' } } });
    expect(second.output()).not.toContain('wrote demo data');
    await expectStop(second, 'SIGTERM');
  });

  test('everything is kept below .data of the working directory, the secret for nobody else to read', async () => {
    const parley = start('parley', { folder, environment });
    await parley.url();
    const secret = join(folder, '.data/jwt-secret');
    expect((await stat(secret)).mode & 0o077).toBe(0);
    expect(await readFile(secret, 'utf8')).toMatch(/^[0-9a-f]{64}$/);
    expect(parley.output()).not.toContain(await readFile(secret, 'utf8'));
    expect(parley.output()).not.toMatch(/warn|deprecat|experimental/i);
    await expectStop(parley, 'SIGINT');
  });

  test('a start after kill -9 finds everything, and takes over what was left running', async () => {
    await usedFolder();
    const killed = start('parley', inFolder());
    await killed.url();
    killed.press('SIGKILL');
    await killed.ended;
    expect(processesIn(folder)).not.toEqual([]);

    const parley = start('parley', inFolder());
    const url = await parley.url();
    const { body } = await ask(
      url,
      `Bearer ${await tokenOf('alice')}`,
      '{ conversations { edges { cursor } } }',
    );
    expect(body.data.conversations.edges.length).toBeGreaterThan(2);
    await expectStop(parley, 'SIGINT');
  });
});

describe('a signal during the start leaves nothing behind', () => {
  async function interrupted(signal: NodeJS.Signals, during: RegExp): Promise<void> {
    const parley = start('parley', inFolder());
    await eventually(() => processesIn(folder).some((line) => during.test(line)), { withinMs: 20_000 });
    parley.press(signal);
    const { code, stderr, stdout } = await parley.ended;
    expect({ code, stderr, left: processesIn(folder) }).toEqual({ code: 0, stderr: '', left: [] });
    expect(stdout).not.toContain('Parley is ready');
  }

  test('while the database is made; the next start makes it', async () => {
    await interrupted('SIGINT', /initdb/);
    const again = start('parley', inFolder());
    await again.url();
    await expectStop(again, 'SIGINT');
  });

  test('while the database is started', async () => {
    await usedFolder();
    await interrupted('SIGTERM', /pg_ctl|postgres -D/); // pg_ctl is gone as soon as its postgres answers
  });
});

describe('what cannot be served', () => {
  test('a PORT that is taken: one line that says so, and no database left', async () => {
    await usedFolder();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      const { code, stderr } = await run('parley', {
        folder,
        environment: { DATA_DIR: folder, PORT: String(port), LOG_LEVEL: 'warn' },
      });
      expect(stderr).toBe(`PORT ${port} on 127.0.0.1 is taken; set PORT to another one.\n`);
      expect({ code, left: processesIn(folder) }).toEqual({ code: 1, left: [] });
    } finally {
      other.close();
    }
  });

  test('a folder that another Parley runs from: one line that says so, and the other one goes on', async () => {
    await usedFolder();
    const first = start('parley', inFolder());
    const url = await first.url();
    const { code, stderr } = await run('parley', inFolder());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Another Parley \(process \d+\) is running from .*: stop it first[^\n]*\n$/);
    expect(await new TestClient(url, null).data('{ __typename }')).toEqual({ __typename: 'Query' });
    await expectStop(first, 'SIGINT');
  });
});

// npm passes a terminal's signal on, so that the server gets it twice.
test('npm start ends on Ctrl-C with nothing left', async () => {
  const parley = npm(['start'], { ...environment, DATA_DIR: await usedFolder() });
  await parley.url();
  parley.press('SIGINT');
  await parley.ended;
  expect(parley.output()).toMatch(/"stopped"/);
  expect(processesIn(folder)).toEqual([]);
});
