import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { inWords, transactionsOf } from '../in-the-way.ts';
import { type Blueprint, SELECT_FINGERPRINT } from './blueprint.ts';
import { inForce } from './make.ts';
import { FORMER, type Form, NEXT, noteStep } from './state.ts';

const POLL_INTERVAL_MS = 250;
/** After which who is waited for is told, again and again. */
const TELL_INTERVAL_MS = 10_000;

/**
 * Waits until no transaction is left that began before now: one that keeps its snapshot would not see in the next table
 * what was copied after that was taken. (CREATE INDEX CONCURRENTLY waits in the same way.)
 */
export async function outwaitSnapshots(
  session: ClientBase,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const transactions = `
    SELECT l.virtualtransaction || '' AS id, l.pid
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'virtualxid' AND l.pid <> pg_backend_pid()
      AND (a.datname IS NULL OR a.datname = current_database())`;
  const { rows: before } = await session.query(transactions);
  const awaited = new Set(before.map(({ id }) => id));
  for (let told = performance.now(); awaited.size > 0; ) {
    const { rows: now } = await session.query(transactions);
    const left = now.filter(({ id }) => awaited.has(id));
    if (left.length === 0) return;
    if (performance.now() - told > TELL_INTERVAL_MS) {
      told = performance.now();
      const who = await transactionsOf(
        session,
        left.map(({ pid }) => pid),
      );
      tell(`waiting for the end of transactions that began before: ${inWords(who)}`);
    }
    await delay(POLL_INTERVAL_MS, undefined, { signal });
  }
}

/** One table takes the place of the other; whoever reads or writes goes on with it, as after a moment's wait. */
export function swapTables({ schema, sequence, triggers }: Blueprint, target: Form): string {
  return [
    `LOCK TABLE messages, ${NEXT}.messages IN ACCESS EXCLUSIVE MODE`,
    // What has been changed since would be lost.
    `DO $$ BEGIN
      IF (${SELECT_FINGERPRINT}) <> (SELECT fingerprint FROM ${NEXT}.progress) THEN
        RAISE 'the definition of messages has been changed since this was begun: undo it by going the other way, and begin again';
      END IF;
    END $$`,
    // Users who are deleted will take its rows along, of which nobody is to hear.
    'ALTER TABLE messages DISABLE TRIGGER USER',
    `ALTER SEQUENCE ${sequence} OWNED BY NONE`,
    `ALTER TABLE messages SET SCHEMA ${FORMER}`,
    `ALTER TABLE ${NEXT}.messages SET SCHEMA ${schema}`,
    `ALTER SEQUENCE ${sequence} AS ${target === 'partitioned' ? 'bigint' : 'int'}`,
    `ALTER SEQUENCE ${sequence} OWNED BY ${schema}.messages.id`,
    ...triggers
      .filter(({ enable }) => enable !== null)
      .map((trigger) => inForce(trigger, `${schema}.messages`)),
    noteStep('drop'),
  ].join(';\n');
}
