import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type pg from 'pg';

// The same in every database (pg_type.dat). `bpchar` stands for what the adapter takes for text.
const INTERNAL_CHAR_OID = 18;
const BPCHAR_OID = 1042;

/**
 * How long a migration waits for a lock. All that comes later to the same table queues behind it, so this is less than
 * servers wait themselves (DATABASE_LOCK_TIMEOUT_MS, 5 s unless set otherwise): to them it is a pause, not an error.
 */
export const DDL_LOCK_TIMEOUT_MS = 3_000;

/** What the server refused, as the driver said it: Prisma's engine keeps neither the code nor the position. */
interface Refusal {
  readonly sql: string;
  readonly error: unknown;
}

/** An adapter for Prisma's schema engine, and the first statement that failed through it. */
export interface EngineAdapter {
  readonly factory: object;
  refusal(): Refusal | undefined;
}

/**
 * Prisma's adapter over `pool`, made fit for Prisma's schema engine in two places where it is not.
 *
 * - It cuts scripts at every semicolon, also those inside a function's body. Here a script goes to the server
 *   whole: as one simple query, and therefore as one transaction.
 * - It refuses columns of type `"char"`, which the engine reads from the catalogue and expects as single
 *   characters.
 */
export function engineAdapter(pool: pg.Pool): EngineAdapter {
  let refusal: Refusal | undefined;
  const internalChars = new WeakMap<object, readonly number[]>();

  const send = pool.query.bind(pool) as (query: pg.QueryConfig) => Promise<pg.QueryArrayResult>;
  const query = async (config: pg.QueryConfig): Promise<pg.QueryArrayResult> => {
    const result = await send(config).catch((error: unknown) => {
      refusal ??= { sql: config.text, error };
      throw error;
    });
    // A script has an array of results, in which nobody looks for columns.
    const columns = (result.fields ?? []).filter((field) => field.dataTypeID === INTERNAL_CHAR_OID);
    if (columns.length > 0) {
      internalChars.set(
        result.rows,
        columns.map((field) => result.fields.indexOf(field)),
      );
    }
    for (const column of columns) column.dataTypeID = BPCHAR_OID;
    return result;
  };

  const prisma = new PrismaPg(Object.assign(pool, { query }));
  const connect = async () => {
    const adapter = await PrismaPg.prototype.connect.call(prisma);
    const queryRaw = adapter.queryRaw.bind(adapter);
    return Object.assign(adapter, {
      executeScript: async (script: string) => {
        // What is built concurrently waits for old transactions, too, but nobody waits for it.
        const lockTimeoutMs = runsInOneTransaction(script) ? DDL_LOCK_TIMEOUT_MS : 0;
        await send({ text: `SET lock_timeout = ${lockTimeoutMs}` });
        await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
      },
      queryRaw: async (statement: SqlQuery) => {
        const result = await queryRaw(statement);
        for (const index of internalChars.get(result.rows) ?? []) {
          result.columnTypes[index] = ColumnTypeEnum.Character;
        }
        return result;
      },
    });
  };
  const factory = bindMigrationAwareSqlAdapterFactory(Object.assign(prisma, { connect }));
  return { factory, refusal: () => refusal };
}

/** Whether the server undoes all of a script that fails. */
export function runsInOneTransaction(script: string): boolean {
  return !/\b(CONCURRENTLY|COMMIT)\b/i.test(script);
}
