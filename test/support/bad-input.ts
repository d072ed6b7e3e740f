import { expect } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { INBOX } from './client.ts';
import { eventually } from './eventually.ts';
import { insertMessages } from './messages.ts';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './server.ts';
import { tableContents } from './table-contents.ts';
import { type Ask, INTERNALS, type Operation, overHttp, overSocket } from './transports.ts';

/** A server on which one user asks wrongly, over every transport, while a subscription runs on the same socket. */
export interface WrongAsker extends AsyncDisposable {
  readonly server: TestServer;
  readonly alice: Person;
  /** Who has written to alice and carol. */
  readonly bob: Person;
  readonly carol: Person;
  /** Asks the same over each transport, checks that all are refused alike, and gives one of the refusals. */
  readonly refusal: (operation: Operation) => Promise<Refusal>;
  /** @throws unless all tables are as they were at the start, and the subscription has seen nothing and still runs. */
  readonly expectNoHarm: () => Promise<void>;
}

interface Refusal {
  readonly code: string;
  readonly argument?: string;
  readonly message: string;
}

export async function startWrongAsker(): Promise<WrongAsker> {
  const server = await startTestServer();
  const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  for (const receiver of [alice, carol])
    await insertMessages(server.pool, bob, receiver, ['2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z']);
  const before = await tableContents(server.pool);
  const socket = await alice.client.socket({ lazy: false });
  const events: unknown[] = [];
  let ended: unknown = 'not ended';
  let closes = 0;
  socket.on('closed', () => closes++);
  socket.subscribe(
    { query: INBOX },
    {
      next: (event) => events.push(event),
      error: (error) => {
        ended = error;
      },
      complete: () => {
        ended = 'completed';
      },
    },
  );
  const transports = transportsOf(alice, socket);

  return {
    server,
    alice,
    bob,
    carol,
    async refusal(operation) {
      const refusals = await Promise.all(transports.map((ask) => refusalOf(ask, operation)));
      for (const { code, argument } of refusals)
        expect({ code, argument }).toEqual({ code: refusals[0]?.code, argument: refusals[0]?.argument });
      return refusals[0] as Refusal;
    },
    async expectNoHarm() {
      expect(await tableContents(server.pool)).toEqual(before);
      expect({ events, ended, closes }).toEqual({ events: [], ended: 'not ended', closes: 0 });
      await insertMessages(server.pool, bob, alice, ['2020-01-03T00:00:00Z']);
      await eventually(() => expect(events).toHaveLength(1));
      expect(events).toMatchObject([{ data: { inbox: { __typename: 'MessageSent' } } }]);
      expect({ ended, closes }).toEqual({ ended: 'not ended', closes: 0 });
    },
    async [Symbol.asyncDispose]() {
      await socket.dispose();
      await server[Symbol.asyncDispose]();
    },
  };
}

function transportsOf({ client }: Person, socket: Client): readonly Ask[] {
  return [
    overHttp(client, 'application/json'),
    overHttp(client, 'application/graphql-response+json'),
    overSocket(socket),
  ];
}

async function refusalOf(ask: Ask, operation: Operation): Promise<Refusal> {
  const { errors = [], ...rest } = await ask(operation);
  expect(errors.length).toBeGreaterThan(0);
  expect(Object.values(rest['data'] ?? {}).filter((value) => value !== null)).toEqual([]);
  expect(JSON.stringify(errors)).not.toMatch(INTERNALS);
  const [{ message, extensions }] = errors as [(typeof errors)[number]];
  expect(Object.keys(extensions).filter((key) => key !== 'code' && key !== 'argument')).toEqual([]);
  return { ...extensions, message };
}
