import type { Pool } from 'pg';
import type { TokenOptions } from '../../src/operations/sign-token.ts';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { createUsers, tokenOf } from '../support/server.ts';

/** What production asks of tokens; in development any will do. */
export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'parley';

/** In what alice and bob have written to each other: nobody else may ever be shown it. */
export const PRIVATE = 'quetzal';
/** In every text that an attack sends, so that it can be looked for in the log. */
export const SPOKEN = 'bellwether';

export interface Person {
  readonly name: string;
  /** `users.id` */
  readonly row: number;
  /** The global id. */
  readonly id: string;
  readonly token: string;
}

/** Enough messages of mallory's own for a page of 100. */
const MESSAGES_EACH = 120;

let newcomers = 0;

/** A user for one attack alone. */
export async function createNewcomer(pool: Pool): Promise<Person> {
  const name = `newcomer-${++newcomers}`;
  const [row = 0] = await createUsers(pool, name);
  return { name, row, id: encodeGlobalId('User', row), token: await sign(name) };
}

export type Cast = Readonly<Record<'alice' | 'bob' | 'mallory', Person>> & {
  /** The global id of a message from alice to bob. */
  readonly privateMessage: string;
  /** The global id of a message from bob to mallory. */
  readonly ownMessage: string;
};

/** alice and bob, who mind their own business, and mallory, who attacks; all of them have written to each other. */
export async function castPeople(pool: Pool): Promise<Cast> {
  const names = ['alice', 'bob', 'mallory'] as const;
  const rows = await createUsers(pool, ...names);
  const [alice, bob, mallory] = (await Promise.all(
    names.map(async (name, i) => {
      const row = rows[i] as number;
      return { name, row, id: encodeGlobalId('User', row), token: await sign(name) };
    }),
  )) as [Person, Person, Person];
  const privateMessage = await write(pool, alice, bob, PRIVATE);
  const ownMessage = await write(pool, bob, mallory, SPOKEN);
  return { alice, bob, mallory, privateMessage, ownMessage };
}

export function sign(sub: string, options: Partial<TokenOptions> = {}): Promise<string> {
  return tokenOf(sub, { issuer: ISSUER, audience: AUDIENCE, ...options });
}

/** @returns the global id of the last one. */
async function write(pool: Pool, from: Person, to: Person, word: string): Promise<string> {
  const { rows } = await pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT $1, $2, $3 || ' ' || i FROM generate_series(1, $4) AS i
     RETURNING to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '/' || id AS key`,
    [from.row, to.row, word, MESSAGES_EACH],
  );
  return encodeGlobalId('Message', rows.at(-1).key);
}
