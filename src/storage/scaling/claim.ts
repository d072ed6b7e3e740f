import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';

/** An advisory lock, which a session holds as long as it changes how messages are stored. */
const SCALING_LOCK = 7_214_020_113;
/** PostgreSQL needs a moment to notice that the holder was killed. */
const PATIENCE_MS = 3_000;
const POLL_INTERVAL_MS = 100;

/** @returns whether nobody else had it; it is kept until the session ends */
export async function claim(session: ClientBase): Promise<boolean> {
  const { rows } = await session.query(`SELECT pg_try_advisory_lock(${SCALING_LOCK}) AS mine`);
  return rows[0].mine === true;
}

/** @throws after a few seconds, saying who has it */
export async function claimOrExplain(session: ClientBase): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await claim(session))) {
    if (performance.now() < deadline) {
      await delay(POLL_INTERVAL_MS);
      continue;
    }
    const { rows } = await session.query(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (classid::bigint << 32) + objid::bigint = ${SCALING_LOCK}`,
    );
    const who = rows[0] === undefined ? '' : ` (PostgreSQL process ${rows[0].pid})`;
    throw new Error(`Another scaling command is at work on this database${who}: wait until it is done.`);
  }
}
