import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { MARK_READ, SEND } from '../support/messages.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { cursorOf, follow, type InboxEvent, type Recording } from '../support/subscriber.ts';

const READS = [
  'query ($peer: ID!) { conversation(with: $peer) { unreadCount messages(first: 50) { edges { node { id messageText sender { username } } } } } }',
  'query ($peer: ID!) { conversation(with: $peer) { messages(last: 20) { edges { node { id createdAt } } } } }',
  '{ conversations(first: 20) { edges { node { unreadCount peer { username } lastMessage { messageText } } } } }',
  '{ unreadCount inboxCursor }',
];
/** Few enough that a machine with two processors has some left for what is tested. */
const PAUSE_MS = 5;
const HEARD_WITHIN_MS = 20_000;

/** What the clients and the other program have done, and what of it was not done as asked. */
export interface Done {
  readonly operations: number;
  readonly failures: readonly string[];
  /** Given to the devices altogether. */
  readonly events: number;
  /** Of the devices that were not given each event of their log once and in order. */
  readonly wrong: readonly string[];
}

/**
 * People who send, read, mark read and follow their inboxes through one or more nodes, without ever trying again, and
 * another program that writes to the table.
 */
export async function startLoad(
  nodes: readonly Pick<TestServer, 'url'>[],
  { databaseUrl, pool }: Pick<TestServer, 'databaseUrl' | 'pool'>,
) {
  const [first] = nodes as readonly [Pick<TestServer, 'url'>, ...Pick<TestServer, 'url'>[]];
  const people = await createPeople({ ...first, pool }, 'ann', 'ben', 'cas');
  const begun = await Promise.all(people.map(({ client }) => cursorOf(client)));
  const devices: { readonly person: number; readonly recording: Recording }[] = [];
  for (const [person, someone] of people.entries())
    for (const over of ['sockets', 'Server-Sent Events'] as const) {
      const node = nodes[devices.length % nodes.length] ?? first;
      const after = begun[person] as string;
      devices.push({ person, recording: await follow(onNode(someone, node).client, { over, after }) });
    }

  let going = true;
  let operations = 0;
  const failures: string[] = [];
  async function attempt(what: string, act: () => Promise<unknown>): Promise<void> {
    operations++;
    await act().catch((error) => failures.push(`${what}: ${error.message}`));
  }

  async function keepAsking(person: Person, peer: Person): Promise<void> {
    for (let i = 0; going; i++) {
      const { client } = onNode(person, nodes[i % nodes.length] ?? first);
      const input = { receiverId: peer.id, messageText: `${i} by ${person.name}`, idempotencyKey: `${i}` };
      let sent: { id: string } | undefined;
      await attempt('send', async () => {
        sent = (await client.data(SEND, { input })).sendMessage.message;
      });
      await attempt('look up', async () => {
        const { message } = await client.data('query ($id: ID!) { message(id: $id) { id } }', sent);
        // The other program deletes only what it has written itself.
        if (message?.id !== sent?.id) throw new Error(`${sent?.id} is not there`);
      });
      const read = READS[i % READS.length] as string;
      await attempt('read', () => client.data(read, read.includes('$peer') ? { peer: peer.id } : {}));
      if (i % 3 === 0) await attempt('mark', () => client.data(MARK_READ, { input: { with: peer.id } }));
      await delay(PAUSE_MS);
    }
  }

  async function keepWriting(): Promise<void> {
    const program = new pg.Client({ connectionString: databaseUrl, application_name: 'another program' });
    await program.connect();
    const rows = people.map(({ row }) => row);
    for (let i = 0; going; i++) {
      for (const [what, text] of Object.entries(STATEMENTS))
        await attempt(what, () => program.query(text, [rows[i % rows.length], rows[(i + 1) % rows.length]]));
      await delay(PAUSE_MS);
    }
    await program.end();
  }

  const done = Promise.all([
    ...people.map((person, i) => keepAsking(person, people[(i + 1) % people.length] as Person)),
    keepWriting(),
  ]);

  return {
    get operations() {
      return operations;
    },
    /** Waits until so many more have been done. */
    async goesOn(count: number): Promise<void> {
      const goal = operations + count;
      await eventually(() => operations >= goal || failures.length > 0, { withinMs: HEARD_WITHIN_MS });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      going = false;
      await done;
      for (const { recording } of devices) await recording[Symbol.asyncDispose]();
    },
    /** Ends it, and looks whether every device was given its log. */
    async stop(): Promise<Done> {
      going = false;
      await done;
      const logs = await Promise.all(people.map(({ client }, i) => logAfter(client, begun[i] as string)));
      const wrong: string[] = [];
      for (const { person, recording } of devices) {
        const log = logs[person] as readonly InboxEvent[];
        await eventually(() => recording.events.length >= log.length, { withinMs: HEARD_WITHIN_MS }).catch(
          () => {},
        );
        if (cursorsOf(recording.events) !== cursorsOf(log))
          wrong.push(`${people[person]?.name} was given ${recording.events.length} events of ${log.length}`);
      }
      const events = devices.reduce((sum, { recording }) => sum + recording.events.length, 0);
      return { operations, failures, events, wrong };
    },
  };
}

/** What another program does to messages of its own: those of $1 to $2 that begin with `sql`. */
const STATEMENTS = {
  'insert by SQL': `INSERT INTO messages (sender_id, receiver_id, message_text)
    SELECT $1, $2, 'sql ' || i FROM generate_series(1, 3) i`,
  'insert into the past by SQL': `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
    VALUES ($1, $2, 'sql of the past', now() - random() * interval '300 days')`,
  'edit by SQL': `UPDATE messages SET message_text = 'sql again' WHERE id IN (
    SELECT id FROM messages WHERE sender_id = $1 AND receiver_id = $2 AND message_text LIKE 'sql%' ORDER BY id LIMIT 2)`,
  'move by SQL': `UPDATE messages SET created_at = now() - random() * interval '300 days' WHERE id IN (
    SELECT id FROM messages WHERE sender_id = $1 AND receiver_id = $2 AND message_text LIKE 'sql%' ORDER BY id LIMIT 1)`,
  'delete by SQL': `DELETE FROM messages WHERE id IN (
    SELECT id FROM messages WHERE sender_id = $1 AND receiver_id = $2 AND message_text LIKE 'sql%' ORDER BY id LIMIT 2)`,
};

const cursorsOf = (events: readonly InboxEvent[]) => events.map(({ cursor }) => cursor).join();

/** Everything since then, as somebody is given it who asks now. */
async function logAfter(client: Person['client'], start: string): Promise<readonly InboxEvent[]> {
  const end = await cursorOf(client);
  if (end === start) return [];
  await using recording = await follow(client, { after: start });
  return await recording.until((events) => events.at(-1)?.cursor === end, HEARD_WITHIN_MS);
}
