import type pg from 'pg';
import { TestClient } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { tokenOf } from '../../support/server.ts';
import { PERSON } from './fill.ts';
import type { Bounds } from './judge.ts';
import type { Landmarks } from './landmarks.ts';

/** One operation of the API, as a client asks it on a large database, and what that may cost. */
export interface Operation extends Bounds {
  readonly what: string;
  readonly query: string;
  readonly variables?: (at: Landmarks) => Readonly<Record<string, unknown>>;
  /** Alice, unless it says otherwise. */
  readonly as?: keyof typeof PERSON;
  readonly admin?: true;
  /** How many events a subscription is to give before it ends. */
  readonly events?: number;
  /** Puts the database back to how the operation is to find it. */
  readonly before?: (pool: pg.Pool) => Promise<unknown>;
}

const PEOPLE_FIELDS = 'sender { id username createdAt } receiver { id username createdAt }';
export const MESSAGE = `{ id messageText createdAt isRead ${PEOPLE_FIELDS} }`;
export const CONVERSATION = `{ id unreadCount peer { id username } lastMessage ${MESSAGE} }`;

/** Asks it of the server at `url`. @throws when the answer has errors. */
export async function ask(url: string, { query, as, admin, events, ...operation }: Operation, at: Landmarks) {
  const user = `u${PERSON[as ?? 'alice']}`;
  const client = new TestClient(url, user);
  const variables = operation.variables?.(at) ?? {};
  if (events !== undefined) return take(events, client, query, variables);
  const headers = admin ? { authorization: `Bearer ${await tokenOf(user, { admin })}` } : {};
  const { errors } = (await (await client.post({ query, variables }, headers)).json()) as {
    errors?: unknown;
  };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}

async function take(count: number, client: TestClient, query: string, variables: Record<string, unknown>) {
  const socket = await client.socket();
  let events = 0;
  let errors: unknown;
  try {
    const sink = { error: (error: unknown) => (errors = error), complete: () => {} };
    socket.subscribe({ query, variables }, { ...sink, next: () => events++ });
    await eventually(() => {
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return events >= count;
    });
  } finally {
    await socket.dispose();
  }
}
