import type { Ask } from './read-only.ts';

/** A standby that is connected to this server. All but its name is `null` to who may not see it. */
export interface Replica {
  /** Its `application_name`. */
  readonly name: string;
  readonly address: string | null;
  /** `streaming`, `catchup`, … */
  readonly state: string | null;
  /** How much of the log it has not replayed yet. */
  readonly lagBytes: number | null;
  /** How long its last replay took; `null` also while it replays the first of them. */
  readonly lagSeconds: number | null;
}

export interface Replicas {
  /** Whether this user may see more than how many there are. */
  readonly visible: boolean;
  readonly list: readonly Replica[];
}

const SELECT_VISIBLE = `SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS visible`;

// Backups, archives and subscribers of logical replication are served in the same way, and serve no reads: the first two
// replay nothing. Without an outstanding write the server forgets how long the last one took.
const SELECT_REPLICAS = `
  SELECT application_name AS name, host(client_addr) AS address, state,
    lag.bytes::float8 AS "lagBytes",
    CASE WHEN lag.bytes = 0 THEN 0 ELSE extract(epoch FROM replay_lag)::float8 END AS "lagSeconds"
  FROM pg_stat_replication r
  CROSS JOIN LATERAL (SELECT CASE WHEN replay_lsn IS NOT NULL THEN greatest(0, pg_wal_lsn_diff(
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn))
  END AS bytes) lag
  WHERE (state IS NULL OR replay_lsn IS NOT NULL)
    AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
  ORDER BY application_name, pid`;

export async function readReplicas(ask: Ask): Promise<Replicas> {
  const [access] = await ask<{ visible: boolean }>(SELECT_VISIBLE);
  return { visible: access?.visible ?? false, list: await ask<Replica>(SELECT_REPLICAS) };
}
