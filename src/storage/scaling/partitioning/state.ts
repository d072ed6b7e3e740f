import type { ClientBase } from 'pg';

/** How `messages` is kept: in one table, or in one for each month. */
export type Form = 'plain' | 'partitioned';

/** Where the table is built that is to take the place of `messages`. */
export const NEXT = 'parley_next';
/** Where the table goes that was `messages` until then. */
export const FORMER = 'parley_former';

/** In this order; `discard` and `drop` end it, the one without the change and the other with it. */
export type Step = 'make' | 'copy' | 'compare' | 'swap' | 'drop' | 'discard';

/** A change of form that has begun. It survives the process that makes it. */
export interface Progress {
  readonly target: Form;
  readonly step: Step;
  /** The ids begin after it. */
  readonly since: bigint;
  /** All messages up to this id are copied (or compared). */
  readonly reached: bigint;
  /** From here on the triggers have written every message to both tables. */
  readonly until: bigint;
}

export async function formOf(session: Pick<ClientBase, 'query'>): Promise<Form> {
  const { rows } = await session.query(
    `SELECT relkind = 'p' AS partitioned FROM pg_class WHERE oid = 'messages'::regclass`,
  );
  return rows[0].partitioned ? 'partitioned' : 'plain';
}

/** `null` when no change has begun. */
export async function readProgress(session: Pick<ClientBase, 'query'>): Promise<Progress | null> {
  const { rows } = await session.query(`SELECT to_regclass('${NEXT}.progress') AS found`);
  if (rows[0].found === null) return null;
  const kept = await session.query(`SELECT target, step, since, reached, until FROM ${NEXT}.progress`);
  const { target, step, since, reached, until } = kept.rows[0];
  return { target, step, since: BigInt(since), reached: BigInt(reached), until: BigInt(until) };
}

/** To be run together with what it tells of. */
export function noteStep(step: Step): string {
  return `UPDATE ${NEXT}.progress SET step = '${step}', reached = since`;
}

/** @throws while a change of form is unfinished: what else is changed meanwhile would be lost, or keep it from its end */
export async function expectOneForm(session: Pick<ClientBase, 'query'>): Promise<void> {
  if ((await readProgress(session)) !== null)
    throw new Error(
      'Nothing was changed: npm run scale -- partition has not come to its end. Run it again first.',
    );
}
