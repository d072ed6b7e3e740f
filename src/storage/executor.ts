import type { ClientBase, Pool } from 'pg';
import { translatingErrors } from './errors.ts';
import { type Statement, toQuery } from './statement.ts';

/** Runs statements: each on any connection of a pool, or all on one. */
export interface Executor {
  /** @throws Unavailable when the database cannot answer now. */
  run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<readonly Row[]>;
}

export function poolExecutor(pool: Pool): Executor {
  return { run: (statement, values) => execute(pool, statement, values) };
}

/** One after another: a connection answers one statement at a time. */
export function connectionExecutor(client: ClientBase): Executor {
  let previous: Promise<unknown> = Promise.resolve();
  return {
    run(statement, values) {
      const result = previous.then(() => execute(client, statement, values));
      previous = result.catch(() => {});
      return result;
    },
  };
}

function execute<Row>(queryable: Pool | ClientBase, statement: Statement<Row>, values: readonly unknown[]) {
  return translatingErrors(async () => {
    const { rows } = await queryable.query<unknown[]>(toQuery(statement, values));
    return rows.map(statement.row);
  });
}
