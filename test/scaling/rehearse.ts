import type { Pool } from 'pg';
import type { Form, Step } from '../../src/storage/scaling/partitioning/state.ts';
import { eventually } from '../support/eventually.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { start } from '../support/operator.ts';
import { type Done, startLoad } from './load.ts';

const NODES = 2;
/** Before, between and after what is rehearsed. */
const OPERATIONS_BETWEEN = 100;
const STEP_WITHIN_MS = 60_000;

/** What another transaction does, so that the command is still in this step when it is killed. */
const HELD_BY: Readonly<Partial<Record<Step, string>>> = {
  // As of somebody who renames a user.
  make: 'LOCK TABLE users IN ROW EXCLUSIVE MODE',
  drop: 'LOCK TABLE users IN ROW EXCLUSIVE MODE',
  // As of somebody who gives a message another time.
  copy: 'SELECT pg_advisory_xact_lock(7214020114)',
  // It has a snapshot.
  swap: 'SELECT count(*) FROM users',
};

export interface Rehearsal extends Done {
  /** The last thing that the command said. */
  readonly said: string;
  readonly killedIn: readonly Step[];
}

/**
 * Changes the form of `messages` with `npm run scale`, while two nodes serve. @param killedIn the command is killed in each
 * of these steps, and begun again
 */
export async function rehearse(
  target: Form,
  database: { readonly url: string; readonly pool: Pool },
  folder: string,
  killedIn: readonly Step[],
): Promise<Rehearsal> {
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startNodeProcess(database.url)));
  try {
    await using load = await startLoad(nodes, { databaseUrl: database.url, pool: database.pool });
    await load.goesOn(OPERATIONS_BETWEEN);
    for (const step of killedIn) {
      await killIn(step, target, database, folder);
      await load.goesOn(OPERATIONS_BETWEEN);
    }
    const { code, stdout, stderr } = await begin(target, database.url, folder).ended;
    if (code !== 0) throw new Error(stderr);
    await load.goesOn(OPERATIONS_BETWEEN);
    return { ...(await load.stop()), said: stdout.trim(), killedIn };
  } finally {
    for (const node of nodes) await node[Symbol.asyncDispose]();
  }
}

function begin(target: Form, url: string, folder: string) {
  const args = ['partition', ...(target === 'plain' ? ['--revert'] : [])];
  return start('scale', { folder, args, environment: { DATABASE_URL: url } });
}

interface Place {
  readonly url: string;
  readonly pool: Pool;
}

async function killIn(step: Step, target: Form, { url, pool }: Place, folder: string): Promise<void> {
  const release = await hold(pool, step === 'drop' ? 'swap' : step);
  const command = begin(target, url, folder);
  const holds = [release];
  try {
    if (step === 'drop') {
      // Only whoever comes after the command has begun to wait for old snapshots is not waited for.
      await eventually(() => waitsForSnapshots(pool), { withinMs: STEP_WITHIN_MS });
      holds.push(await hold(pool, step));
      await release();
    }
    await eventually(() => isIn(step, pool), { withinMs: STEP_WITHIN_MS });
    command.press('SIGKILL');
    const { signal } = await command.ended;
    if (signal !== 'SIGKILL') throw new Error(`it was not killed in step ${step}: ${command.output()}`);
  } finally {
    for (const each of holds) await each();
  }
}

/** @returns what ends it; may be called twice */
async function hold(pool: Pool, step: Step): Promise<() => Promise<void>> {
  const holder = await pool.connect();
  await holder.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; ${HELD_BY[step] ?? ''}`);
  let held = true;
  return async () => {
    if (!held) return;
    held = false;
    await holder.query('ROLLBACK');
    holder.release();
  };
}

async function isIn(step: Step, pool: Pool): Promise<boolean> {
  const { rows } = await pool.query('SELECT step FROM parley_next.progress');
  return rows[0].step === step;
}

async function waitsForSnapshots(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE application_name = 'parley-scale' AND query LIKE '%virtualxid%'`,
  );
  return rows.length > 0;
}
