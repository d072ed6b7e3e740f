import type { Pool } from 'pg';
import { eventually } from '../../support/eventually.ts';
import { createUsers } from '../../support/server.ts';
import type { History } from '../history/history.ts';
import type { Random } from '../random.ts';
import { ask } from './ask.ts';

const KNOWN_WITHIN_MS = 30_000;

/** A user of one round. */
export interface Person {
  readonly name: string;
  /** `users.id` */
  readonly row: number;
  /** The global id. */
  readonly id: string;
}

/** What the actors of one round have in common. */
export interface Scene {
  readonly history: History;
  /** Of the GraphQL endpoints; they change when nodes come and go. */
  readonly urls: () => readonly string[];
  /** Straight to the database, as another program. */
  readonly databaseUrl: string;
  readonly people: readonly Person[];
  /** How long a writer waits between two writes, on average, in milliseconds. */
  readonly paceMs: number;
  /** Aborts when writers are to come to an end. */
  readonly curtain: AbortSignal;
}

/** Users whose names nobody has had. */
export async function castPeople(
  pool: Pool,
  url: string,
  names: readonly string[],
  round: string,
): Promise<Person[]> {
  const unique = names.map((name) => `${name}-${round}`);
  const rows = await createUsers(pool, ...unique);
  const people = unique.map(async (name, i) => ({ name, row: rows[i] as number, id: await idOf(url, name) }));
  return Promise.all(people);
}

/** A node that has just begun may be slow on a busy machine. */
async function idOf(url: string, name: string): Promise<string> {
  return eventually(
    async () => {
      const reply = await ask(url, name, '{ viewer { id } }');
      if (!('data' in reply)) throw new Error(`${name} is not known: ${reply.why}`);
      return reply.data.viewer.id as string;
    },
    { withinMs: KNOWN_WITHIN_MS },
  );
}

/** A node to ask, and its number. */
export function anyNode({ urls }: Scene, random: Random): { node: number; url: string } {
  const all = urls();
  const node = random.between(0, all.length - 1);
  return { node, url: all[node] as string };
}
