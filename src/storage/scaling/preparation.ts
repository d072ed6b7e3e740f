import { READ_STRATEGIES, type ReadStrategy } from '../readers/readers.ts';
import type { Ask } from './read-only.ts';

/** Whether the database can be read by a strategy. */
export interface Preparation {
  readonly strategy: keyof typeof READ_STRATEGIES;
  /** What it lacks for that, and what would change it; `null` when it lacks nothing. */
  readonly missing: string | null;
}

/** Of each strategy. Whether there is a Redis for the cache, the database does not know. */
export async function readPreparations(ask: Ask): Promise<readonly Preparation[]> {
  const database = { query: async (sql: string) => ({ rows: [...(await ask(sql))] }) };
  const preparations: Preparation[] = [];
  for (const [name, { whyUnprepared }] of Object.entries<ReadStrategy>(READ_STRATEGIES))
    preparations.push({
      strategy: name as Preparation['strategy'],
      missing: await whyUnprepared(database),
    });
  return preparations;
}
