import type { ClientBase } from 'pg';
import { SQLSTATE, sqlState } from '../errors.ts';
import { NO_FLUSH } from './durability.ts';
import { holders } from './in-the-way.ts';
import { LEAST_ROWS, Pace } from './pace.ts';

const BATCH_ROWS = { first: 100, most: 10_000 };
/** Who waits for this batch waits for whoever it waits for; and less than `deadlock_timeout`, so that nobody is failed. */
const LOCK_TIMEOUT_MS = 50;
/** Of each of a batch's few statements: what takes longer, on a disk that is busy, is undone and tried with fewer messages. */
const STATEMENT_TIMEOUT_MS = 30;
/** The last one where a message has just moved to another partition. */
const MADE_WAY = new Set<string>([
  SQLSTATE.LOCK_NOT_AVAILABLE,
  SQLSTATE.DEADLOCK_DETECTED,
  SQLSTATE.SERIALIZATION_FAILURE,
]);
/** After as many tries, who is in the way is told, and again after as many more. */
const TRIES_UNTIL_TOLD = 50;

export interface PassWatcher {
  /** How far it has come, from 0 to 1, and how long others may have waited for this batch, which may have been undone. */
  onAdvance(done: number, ms: number): void;
  /** Why it does not get on. */
  tell(line: string): void;
}

/** Ids of messages. */
export interface Range {
  /** They begin after it. */
  readonly since: bigint;
  /** Up to this one they are done. */
  readonly reached: bigint;
  /** The last one. */
  readonly until: bigint;
}

export interface Batches {
  /** Of walks that follow each other, so that each begins with what the last one has learnt. */
  readonly pace?: Pace;
  /** What each transaction begins with. Nobody has to wait for it until that is done. */
  readonly begin?: string;
  /** Does the messages after one id, up to another, and no more than so many. @returns the last id of what is done */
  readonly work: (after: string, until: string, rows: number) => Promise<string>;
  /** What each transaction ends with. */
  readonly end?: (reached: string) => string;
}

export const paceOfBatches = () => new Pace(BATCH_ROWS);

/** Walks over the messages in the order of their ids, in short transactions that make way for others. */
export async function inBatches(
  session: ClientBase,
  { since, reached, until }: Range,
  { pace = paceOfBatches(), begin = '', work, end = () => '' }: Batches,
  watcher: PassWatcher,
  signal: AbortSignal,
): Promise<void> {
  let tries = 0;
  for (let done = reached; done < until; ) {
    signal.throwIfAborted();
    const { rows } = pace;
    // One message may take as long as it needs, so that any disk gets on.
    const isLimited = rows > LEAST_ROWS;
    let begun = performance.now();
    try {
      const limit = isLimited ? `SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}` : '';
      await session.query(
        `BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; ${NO_FLUSH}; ${begin}; ${limit}`,
      );
      // A smaller batch would not make the time before this shorter.
      begun = performance.now();
      const next = await work(String(done), String(until), rows);
      await session.query(`${end(next)}; COMMIT`);
      done = BigInt(next);
      tries = 0;
    } catch (error) {
      // A connection that was lost has said so already.
      await session.query('ROLLBACK').catch(() => {});
      const code = sqlState(error) ?? '';
      const tookTooLong = isLimited && code === SQLSTATE.QUERY_CANCELED;
      if (!tookTooLong && !MADE_WAY.has(code)) throw error;
      if (++tries % TRIES_UNTIL_TOLD === 0)
        watcher.tell(`message ${done + 1n} and on: waiting for ${await holders(session)}`);
    }
    const took = performance.now() - begun;
    watcher.onAdvance(Number(done - since) / Number(until - since), took);
    await pace.rest(took, signal);
  }
}
