import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { endAll, type Running, start } from '../support/operator.ts';
import { createUsers, TEST_SECRET } from '../support/server.ts';

/** A time to stop that nobody waits for: what ends "at once" takes a small part of it, even on a busy machine. */
const LONG_MS = 60_000;
const AT_ONCE_MS = LONG_MS / 4;

let database: TestDatabase;
let parley: Running;
let url: string;
let ann: TestClient;
let benId: string;

async function startParley(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  parley = start('parley', {
    folder: await freshDirectory(),
    environment: {
      PORT: '0',
      DATABASE_URL: database.url,
      AUTH_JWT_SECRET: TEST_SECRET,
      DATABASE_LOCK_TIMEOUT_MS: '20000',
      DATABASE_STATEMENT_TIMEOUT_MS: '20000',
      ...environment,
    },
  });
  url = await parley.url();
  ann = new TestClient(url, 'ann');
  benId = await ann.idOf('ben');
}

beforeEach(async () => {
  database = await createTestDatabase();
  await createUsers(database.pool, 'ann', 'ben');
});
afterEach(async () => {
  await endAll();
  await database[Symbol.asyncDispose]();
  await sweep();
});

const SEND = `mutation ($to: ID!) { sendMessage(input: { receiverId: $to, messageText: "slow" }) { message { id } } }`;

/** Runs `work` while nobody can write to ben's row, and sees to it that a sending waits for it. */
async function whileSendingWaits(
  work: (sending: Promise<Response>, release: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const lock: pg.PoolClient = await database.pool.connect();
  try {
    await lock.query("BEGIN; SELECT FROM users WHERE username = 'ben' FOR UPDATE");
    const sending = ann.post({ query: SEND, variables: { to: benId } });
    sending.catch(() => {});
    await eventually(async () => {
      const { rows } = await database.pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return rows.length > 0;
    });
    await work(sending, () => lock.query('ROLLBACK'));
  } finally {
    await lock.query('ROLLBACK');
    lock.release();
  }
}

function tryToConnect(): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('error', ({ message }) => resolve(message));
  }).finally(() => socket.destroy());
}

describe('a server that is asked to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '(%s) finishes what is running, takes nothing new, and ends with 0',
    async (signal) => {
      await startParley();
      await whileSendingWaits(async (sending, release) => {
        parley.press(signal);
        await eventually(async () => /ECONNREFUSED/.test(await tryToConnect()));
        await release();
        const body = (await (await sending).json()) as { data: { sendMessage: { message: { id: string } } } };
        expect(body.data.sendMessage.message.id).toBeTruthy();
        expect(await parley.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
      });
      expect((await database.pool.query('SELECT message_text AS text FROM messages')).rows).toEqual([
        { text: 'slow' },
      ]);
    },
  );

  test('is not ready any more, for who still has a connection, and closes it with the answer', async () => {
    await startParley();
    await whileSendingWaits(async (_sending, release) => {
      const { port, hostname } = new URL(url);
      const socket = connect(Number(port), hostname);
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const body = JSON.stringify({ query: SEND, variables: { to: benId } });
      const { authorization } = await ann.headers();
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await eventually(async () => {
        const { rows } = await database.pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows.length === 2;
      });
      parley.press('SIGTERM');
      await eventually(async () => /ECONNREFUSED/.test(await tryToConnect()));
      socket.write('GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n');
      await release();
      await closed;
      const [first, second] = received.split(/(?=HTTP\/1\.1 )/);
      expect(first).toMatch(/^HTTP\/1\.1 200 [\s\S]*"sendMessage"/);
      expect(second).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*The server is stopping/i);
    });
    expect(await parley.ended).toMatchObject({ code: 0 });
  });

  test('waits no longer than SHUTDOWN_TIMEOUT_MS', async () => {
    await startParley({ SHUTDOWN_TIMEOUT_MS: '200', DATABASE_STATEMENT_TIMEOUT_MS: '3000' });
    await whileSendingWaits(async (sending) => {
      parley.press('SIGTERM');
      const { stdout } = await parley.ended;
      expect(stdout).toContain('stopping while operations still run');
      await expect(sending.then((response) => response.json())).rejects.toThrow();
    });
  });

  test('ends at once when it is asked twice', async () => {
    await startParley({ SHUTDOWN_TIMEOUT_MS: `${LONG_MS}` });
    await whileSendingWaits(async () => {
      parley.press('SIGINT');
      await eventually(() => /SIGINT: stopping/.test(parley.output()));
      const asked = performance.now();
      // Asked again and again, as by someone at a keyboard: the first repeat may come too soon to count.
      const asking = setInterval(() => parley.press('SIGINT'), 100);
      try {
        expect(await parley.ended).toMatchObject({ code: 1, signal: null });
      } finally {
        clearInterval(asking);
      }
      expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
    });
  });

  test('closes sockets with 1001, and does not wait for streams', async () => {
    await startParley({ SHUTDOWN_TIMEOUT_MS: `${LONG_MS}` });
    const closed = new Promise<{ code: number }>((resolve) => {
      void ann.socket({
        lazy: false,
        onNonLazyError: () => {},
        on: { closed: (event) => resolve(event as { code: number }) },
      });
    });
    const stream = await ann.post(
      { query: 'subscription { inbox { cursor } }' },
      { accept: 'text/event-stream' },
    );
    expect(stream.status).toBe(200);
    await eventually(async () =>
      /parley_sockets 1/.test(await (await fetch(new URL('/metrics', url))).text()),
    );
    const asked = performance.now();
    parley.press('SIGTERM');
    expect(await closed).toMatchObject({ code: 1001 });
    await stream.text().catch(() => {});
    expect(await parley.ended).toMatchObject({ code: 0 });
    expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
  });
});
