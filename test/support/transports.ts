import type { Client } from 'graphql-ws';
import type { Answer, TestClient } from './client.ts';

export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Asks one operation and gives its one answer. */
export type Ask = (operation: Operation) => Promise<Answer>;

export function overHttp(client: TestClient, accept: string): Ask {
  return async (operation) => {
    const response = await client.post(operation, { accept });
    return (await response.json()) as Answer;
  };
}

/** The answer is the last one, whether it came as `next` or as `error`. @throws when the socket closes instead. */
export function overSocket(socket: Client): Ask {
  return (operation) =>
    new Promise((resolve, reject) => {
      let last: unknown;
      socket.subscribe(operation, {
        next: (answer) => {
          last = answer;
        },
        error: (error) => (Array.isArray(error) ? resolve({ errors: error }) : reject(error)),
        complete: () => resolve(last as Answer),
      });
    });
}

/** What must be in no answer: SQL, stacks, paths of files, names of the parts inside. */
export const INTERNALS =
  /\b(SELECT|INSERT INTO|DELETE FROM|UPDATE [a-z])|\n\s+at |node_modules|file:\/\/|\/(src|dist|home|tmp|usr)\/|\.[jt]s:\d|[Pp]risma|[Pp]ostgres|[Pp]othos|SQLSTATE|relation "|at or near|originalError|"stack/;
