import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { type Answer, INBOX, TestClient } from '../support/client.ts';
import { follow, type InboxEvent, type Recording } from '../support/subscriber.ts';
import { inTurn, RETRY_PAUSE_MS, type Urls } from './next-node.ts';

/** Longer than any test: an event stream ends when its node does. */
const FOREVER_MS = 600_000;

/** One device that follows an inbox, whatever happens to the nodes. */
export interface Device extends AsyncDisposable {
  readonly events: readonly InboxEvent[];
  /** How often it has begun anew. */
  readonly connections: number;
  /** Errors that the server has answered. */
  readonly errors: readonly unknown[];
}

/** Over a socket, with the retry of graphql-ws' own client; it goes on from the cursor of the last event. */
export async function followOverSockets(
  name: string,
  urls: Urls,
  first: number,
  after: string,
): Promise<Device> {
  const pick = inTurn(urls);
  const variables = { after };
  const device = { events: [] as InboxEvent[], connections: 0, errors: [] as unknown[] };
  const client: Client = await new TestClient(urls[0], name).socket({
    url: () => pick(first + device.connections).replace(/^http/, 'ws'),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: () => delay(RETRY_PAUSE_MS),
    on: { connecting: () => device.connections++ },
  });
  client.subscribe<Record<string, unknown>>(
    { query: INBOX, variables },
    {
      next(answer) {
        const { data, errors = [] } = answer as Answer;
        device.errors.push(...errors);
        if (!data) return;
        device.events.push(data.inbox);
        // Read by the client when it subscribes anew.
        variables.after = data.inbox.cursor;
      },
      error: (error) => device.errors.push(error),
      complete() {},
    },
  );
  return Object.assign(device, { [Symbol.asyncDispose]: async () => client.dispose() });
}

/** Over one event stream after another, each from the cursor of the last event. */
export function followOverEventStreams(name: string, urls: Urls, first: number, after: string): Device {
  const past: Recording[] = [];
  let current: Recording | null = null;
  let going = true;

  const all = () => (current === null ? past : [...past, current]);
  const eventsOf = (recordings: readonly Recording[]) => recordings.flatMap(({ events }) => events);

  async function keepFollowing() {
    while (going) {
      const client = new TestClient(inTurn(urls)(first + past.length), name);
      const cursor = eventsOf(past).at(-1)?.cursor ?? after;
      const recording = await follow(client, { over: 'Server-Sent Events', after: cursor });
      current = recording;
      await recording.end(FOREVER_MS);
      current = null;
      past.push(recording);
      await delay(RETRY_PAUSE_MS);
    }
  }

  const done = keepFollowing();
  return {
    get events() {
      return eventsOf(all());
    },
    get connections() {
      return all().length;
    },
    get errors() {
      return all().flatMap(({ errors }) => errors);
    },
    async [Symbol.asyncDispose]() {
      going = false;
      current?.drop();
      await done;
    },
  };
}
