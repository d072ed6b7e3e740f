import type { ClientBase, Pool } from 'pg';
import { translateError } from './errors.ts';
import { PreparedQuery } from './prepared-query.ts';
import type { Statement } from './statement.ts';

/** Runs statements: each on any connection of a pool, or all on one. */
export interface Executor {
  /** @throws Unavailable when the database cannot answer now. */
  run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<readonly Row[]>;
}

/** A pool or a client of pg; its types do not know that queries of one's own take a callback, too. */
interface Queryable {
  query<Row>(query: PreparedQuery<Row>, callback: NonNullable<PreparedQuery<Row>['callback']>): void;
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

function execute<Row>(
  queryable: Queryable,
  statement: Statement<Row>,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    queryable.query(new PreparedQuery(statement, values), (error, rows) => {
      if (error) reject(translateError(error));
      else resolve(rows as readonly Row[]);
    });
  });
}
