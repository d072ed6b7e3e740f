export interface SessionLimits {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** How long a transaction may wait for its next statement. */
  readonly idleTransactionTimeoutMs: number;
}

/** By PostgreSQL's names. */
export type SessionSettings = Readonly<Record<string, string>>;

export const PLAN_CACHE_MODE = 'force_generic_plan';

/** What every statement runs under, whatever the server, the database or the role has set. */
export function sessionSettings(limits: SessionLimits): SessionSettings {
  return {
    // Timestamps are read as text: they must be in UTC, in ISO form.
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    // Else PostgreSQL plans each execution anew, as it then knows how many are asked for: 0.4 ms of a lookup's 0.5
    // (npm run bench -- --only one-message). Every statement has a good plan for all values: see test/storage/plans.
    plan_cache_mode: PLAN_CACHE_MODE,
    // Else a new installation's tables, analysed while they are small, would be read whole by each statement until they
    // are analysed again: a minute, in which thousands of messages may come.
    enable_seqscan: 'off',
    // PostgreSQL 15 counts what cannot be avoided then as so dear that it would compile the statement.
    jit: 'off',
    statement_timeout: String(limits.statementTimeoutMs),
    lock_timeout: String(limits.lockTimeoutMs),
    idle_in_transaction_session_timeout: String(limits.idleTransactionTimeoutMs),
  };
}

/** For a session that is one's own: what PostgreSQL takes as its startup parameter `options`. */
export function startupOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
