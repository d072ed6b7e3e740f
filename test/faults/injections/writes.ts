import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Outcome } from '../history/event.ts';
import { attempt } from '../workload/attempt.ts';
import { insertion, run } from '../workload/other-program.ts';
import type { Person, Scene } from '../workload/scene.ts';
import { sendOnce } from '../workload/send.ts';
import type { Fault } from './fault.ts';

const TRANSACTIONS = 4;
const DUPLICATES = 50;

/**
 * Transactions that take their message's number and time when they begin, and are committed in another order, with
 * others' writes in between: what was begun first becomes visible last.
 */
export const lateCommits: Fault = {
  name: 'commits that finish out of order',
  touches: 'writes',
  failsWrites: false,
  async strike({ scene, random }) {
    const begun = await Promise.all(Array.from({ length: TRANSACTIONS }, () => begin(scene.databaseUrl)));
    const inOtherOrder = random.shuffle(begun.map((transaction, i) => ({ transaction, i })));
    for (const { transaction, i } of inOtherOrder) {
      await delay(random.between(20, 150));
      const [from, to] = random.shuffle(scene.people) as [Person, Person];
      await insertLate(scene, transaction, { from, to, op: `late ${i}`, heldMs: random.between(0, 100) });
    }
  },
};

interface Transaction {
  readonly client: pg.Client;
  readonly number: string;
}

/** With a number that is taken now; `now()` stays what it is, too. */
async function begin(databaseUrl: string): Promise<Transaction | null> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'another program' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN');
    const { rows } = await client.query("SELECT nextval('messages_id_seq') AS number");
    return { client, number: rows[0].number };
  } catch {
    await client.end().catch(() => {});
    return null;
  }
}

async function insertLate(
  scene: Scene,
  transaction: Transaction | null,
  { from, to, op, heldMs }: { from: Person; to: Person; op: string; heldMs: number },
): Promise<void> {
  if (transaction === null) return;
  const { client, number } = transaction;
  const { write } = insertion(from, to, [op]);
  await attempt(scene, { op, attempt: 0, write }, async (): Promise<Outcome> => {
    const values = [number, from.row, to.row, op];
    const inserted = await run(
      client,
      'INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES ($1, $2, $3, $4)',
      values,
    );
    // Not committed, so nothing of it is left, whatever has become of the connection.
    if (inserted.outcome !== 'done') return { ...inserted, outcome: 'not done' };
    await delay(heldMs);
    return run(client, 'COMMIT', []);
  });
  await client.end().catch(() => {});
}

/** The same send many times at once, on all nodes. */
export const manyDuplicates: Fault = {
  name: `${DUPLICATES} parallel duplicates of one send`,
  touches: 'writes',
  failsWrites: true,
  async strike({ scene, random }) {
    const [sender, receiver] = random.shuffle(scene.people) as [Person, Person];
    const op = `${sender.name} sends ${DUPLICATES} times`;
    const sending = { op, text: op, sender, receiver, key: op };
    await Promise.all(
      Array.from({ length: DUPLICATES }, (_, tries) => sendOnce(scene, sending, tries, random)),
    );
  },
};
