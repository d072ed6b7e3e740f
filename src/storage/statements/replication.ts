import type { Statement } from '../statement.ts';

const CLUSTER = '(SELECT system_identifier FROM pg_control_system())';
const DATABASE = '(SELECT oid FROM pg_database WHERE datname = current_database())';

/**
 * The timeline of what a server shows: another one since each promotion. A standby says nowhere on which one it is, but
 * what it keeps in its control file is never later; so one that follows a new primary may be taken for older than it is
 * until it next writes that down, and never for newer.
 */
const TIMELINE = `
  CASE WHEN pg_is_in_recovery()
    THEN greatest((SELECT timeline_id FROM pg_control_checkpoint()),
      (SELECT min_recovery_end_timeline FROM pg_control_recovery()))
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
  END`;

/** Which life of which database: another one once what comes next may not follow from what has been seen. */
export const LIFE = `
  (SELECT concat_ws('/', (SELECT epoch FROM inbox_epoch WHERE only_row), ${CLUSTER}, ${DATABASE}, ${TIMELINE}))`;

/**
 * For each of the viewers $1 where their log ends: in which life of which database, and at which sequence number. Of two
 * servers that give the same, both show the viewer the same messages, since every write that concerns them moves that
 * number in its own transaction. Primaries and standbys alike can run it, unlike current_inbox_epoch().
 */
export const LOG_ENDS: Statement<string> = {
  name: 'log_ends',
  text: `
    SELECT concat_ws('/', ${LIFE},
      coalesce((SELECT seq FROM inbox_heads WHERE user_id = wanted.viewer), 0))
    FROM unnest($1::int[]) WITH ORDINALITY AS wanted (viewer, position)
    ORDER BY wanted.position`,
  row: ([end]) => end as string,
};

/** What a server is, and how far. */
export interface Standing {
  readonly isStandby: boolean;
  /** The same for a primary and its standbys, and for no other cluster. */
  readonly cluster: string;
  /** Which one in the cluster. */
  readonly database: string;
  readonly timeline: number;
  /** How many bytes of WAL it has written, or replayed. */
  readonly wal: bigint;
  /** The time by the primary's clock, in milliseconds since 1970; of a standby that of the last commit that it has. */
  readonly at: number | null;
}

export const STANDING: Statement<Standing> = {
  name: 'standing',
  text: `
    SELECT pg_is_in_recovery(), ${CLUSTER}::text, ${DATABASE}::text, ${TIMELINE},
      (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0')::bigint,
      extract(epoch FROM CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() ELSE clock_timestamp() END)::float8`,
  row: ([isStandby, cluster, database, timeline, wal, at]) => ({
    isStandby: isStandby as boolean,
    cluster: cluster as string,
    database: database as string,
    timeline: timeline as number,
    wal: BigInt(wal as string),
    at: at === null ? null : (at as number) * 1_000,
  }),
};
