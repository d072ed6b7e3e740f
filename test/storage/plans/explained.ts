/** What makes PostgreSQL tell a connection the plan of each statement that it has run. Only a superuser may set it. */
const SETTINGS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': 0,
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_format': 'json',
  // Those of the triggers and of the foreign keys, too.
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_level': 'notice',
  // Says which statement the plans after it belong to.
  log_statement: 'all',
  client_min_messages: 'log',
};

/**
 * PostgreSQL plans a prepared statement for its values five times (custom), then compares, and may from then on keep
 * one plan for all values (generic). What holds for both modes holds for whatever it chooses.
 */
export const PLAN_MODES = ['force_custom_plan', 'force_generic_plan'] as const;
export type PlanMode = (typeof PLAN_MODES)[number];

/** The same database, for connections that are told their plans, all of which are made in this mode. */
export function explained(databaseUrl: string, mode: PlanMode): string {
  const url = new URL(databaseUrl);
  const settings = Object.entries({ ...SETTINGS, plan_cache_mode: mode });
  url.searchParams.set('options', settings.map(([name, value]) => `-c ${name}=${value}`).join(' '));
  return url.href;
}
