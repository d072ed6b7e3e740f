import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Draft, Outcome, Write } from '../history/event.ts';
import type { Random } from '../random.ts';
import { attempt } from './attempt.ts';
import type { Person, Scene } from './scene.ts';
import { messagesOf, type Row, withoutNumber } from './table.ts';

/** Few enough that one response can show all messages of two people. */
const MAX_WRITES = 40;
const MAX_ROWS = 4;
const MAX_CHANGED = 3;
const CONNECT_WITHIN_MS = 2_000;
const RETRY_PAUSE_MS = 100;
/** How much rarer than a sender it writes. */
const PACES_A_WRITE = 2;

type Action = Write['kind'] & ('insert' | 'edit' | 'read' | 'unread' | 'delete' | 'trim');
const ACTIONS: readonly Action[] = [
  'insert',
  'insert',
  'insert',
  'edit',
  'edit',
  'read',
  'read',
  'unread',
  'delete',
  'trim',
];

/** Another program on the same tables, which knows nothing of Parley: plain SQL until the curtain falls. */
export async function keepWriting(scene: Scene, random: Random): Promise<void> {
  let client: pg.Client | null = null;
  for (let count = 0; count < MAX_WRITES && !scene.curtain.aborted; count++) {
    try {
      client ??= await connect(scene.databaseUrl);
      await writeOnce(scene, client, `sql ${count}`, random);
    } catch {
      // The database is away. What was begun has been written down as unknown.
      await client?.end().catch(() => {});
      client = null;
      await delay(RETRY_PAUSE_MS);
    }
    await delay(random.between(0, 2 * PACES_A_WRITE * scene.paceMs));
  }
  await client?.end().catch(() => {});
}

/**
 * One last message to everybody, of which no server knows and after which nothing comes: devices that are told of it have
 * found it without any hint.
 */
export async function writeLast(scene: Scene): Promise<void> {
  const { people } = scene;
  const client = await connect(scene.databaseUrl);
  for (const [i, from] of people.entries()) {
    const op = `last ${i}`;
    const { write, text, values } = insertion(from, people[(i + 1) % people.length] as Person, [op]);
    await attempt(scene, { op, attempt: 0, write }, () => run(client, text, values));
  }
  await client.end();
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'another program',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function writeOnce(scene: Scene, client: pg.Client, op: string, random: Random): Promise<void> {
  const action = random.pick(ACTIONS);
  const rows = await messagesOf(client, scene.people);
  const some = random.shuffle(rows).slice(0, action === 'edit' ? 1 : random.between(1, MAX_CHANGED));
  if (some.length === 0 && action !== 'insert' && action !== 'trim') return;
  const { write, text, values } = plan(action, op, scene.people, some, random);
  const { outcome } = await attempt(scene, { op, attempt: 0, write }, () => run(client, text, values));
  if (outcome === 'unknown') throw new Error('the connection is lost');
}

interface Plan {
  readonly write: Write;
  readonly text: string;
  readonly values: readonly unknown[];
}

function plan(
  action: Action,
  op: string,
  people: readonly Person[],
  rows: readonly Row[],
  random: Random,
): Plan {
  const messages = rows.map(withoutNumber);
  const numbers = rows.map(({ number }) => number);
  switch (action) {
    case 'insert': {
      const [from, to] = random.shuffle(people) as [Person, Person];
      const texts = Array.from({ length: random.between(1, MAX_ROWS) }, (_, i) => `${op} row ${i}`);
      return insertion(from, to, texts);
    }
    case 'edit': {
      const edited = `${op} has edited this`;
      const [message] = messages as [Row];
      return {
        write: { kind: 'edit', message, text: edited },
        text: 'UPDATE messages SET message_text = $2, full_text = NULL WHERE id = ANY ($1)',
        values: [numbers, edited],
      };
    }
    case 'read':
    case 'unread':
      return {
        write: { kind: action, messages },
        // In the order of their ids, as whoever changes several messages should lock them.
        text: `WITH some AS (SELECT id FROM messages WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE)
          UPDATE messages SET is_read = $2 WHERE id IN (SELECT id FROM some)`,
        values: [numbers, action === 'read'],
      };
    case 'delete':
      return {
        write: { kind: 'delete', messages },
        text: `WITH some AS (SELECT id FROM messages WHERE id = ANY ($1) ORDER BY id FOR UPDATE)
          DELETE FROM messages WHERE id IN (SELECT id FROM some)`,
        values: [numbers],
      };
    case 'trim': {
      const { name, row } = random.pick(people);
      return {
        write: { kind: 'trim', user: name },
        text: 'DELETE FROM inbox_events WHERE user_id = $1',
        values: [row],
      };
    }
  }
}

/** One statement that inserts a message of each text. */
export function insertion(from: Person, to: Person, texts: readonly string[]): Plan {
  const drafts: Draft[] = texts.map((text) => ({ text, sender: from.name, receiver: to.name }));
  return {
    write: { kind: 'insert', drafts },
    text: 'INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, unnest($3::text[])',
    values: [from.row, to.row, texts],
  };
}

/** In a transaction of its own. */
export async function run(client: pg.Client, text: string, values: readonly unknown[]): Promise<Outcome> {
  try {
    await client.query(text, values as unknown[]);
    return { outcome: 'done' };
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
    // PostgreSQL has refused it and taken it back; unless it was ending, when it may have been committed just before.
    const certain = code !== '' && !/^(08|57P)/.test(code);
    return { outcome: certain ? 'not done' : 'unknown', why: code || (error as Error).message };
  }
}
