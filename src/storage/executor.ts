import type { ClientBase, Pool } from 'pg';
import { translateError } from './errors.ts';
import { type Statement, toQuery } from './statement.ts';

/** Runs statements: each on any connection of a pool, or all on one. */
export interface Executor {
  /** @throws Unavailable when the database cannot answer now. */
  run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<readonly Row[]>;
}

export function poolExecutor(pool: Pool): Executor {
  return { run: (statement, values) => execute(pool, statement, values) };
}

export interface ConnectionExecutor extends Executor {
  /** Takes no more statements. Resolves when those that it has taken are done. */
  close(): Promise<void>;
}

/** One after another: a connection answers one statement at a time. */
export function connectionExecutor(client: ClientBase): ConnectionExecutor {
  let previous: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    async run(statement, values) {
      if (closed) throw new Error('This connection has been given back.');
      const result = previous.then(() => execute(client, statement, values));
      previous = result.catch(() => {});
      return result;
    },
    async close() {
      closed = true;
      await previous;
    },
  };
}

async function execute<Row>(
  queryable: Pool | ClientBase,
  statement: Statement<Row>,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    const { rows } = await queryable.query<unknown[]>(toQuery(statement, values));
    return rows.map((columns) => statement.row(columns));
  } catch (error) {
    throw translateError(error);
  }
}
