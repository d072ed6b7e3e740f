import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { type Answer, INBOX, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { SEND } from '../support/messages.ts';
import { follow, type InboxEvent, type Recording, type Transport } from '../support/subscriber.ts';

/** The addresses of the nodes. They keep them when they are started again. */
export type Urls = readonly [string, ...string[]];

/** Which node to ask at this turn; an address of GraphQL. */
export type Pick = (turn: number) => string;

export function inTurn(urls: readonly string[]): Pick {
  return (turn) => urls[turn % urls.length] as string;
}

const RETRY_PAUSE_MS = 20;
const FOREVER_MS = 600_000;
/** A client that has no answer by then has lost its message for good. */
const GIVE_UP_MS = 30_000;

/** Sends one message after another until told to stop; each again, on another node, until it is acknowledged. */
export class Sender implements AsyncDisposable {
  /** In order, and acknowledged. */
  readonly sent: string[] = [];
  /** What was answered instead, or what broke; each was tried again, with the same key. */
  readonly failures: string[] = [];
  #going = true;
  readonly #done: Promise<void>;

  constructor(
    readonly name: string,
    readonly pick: Pick,
    readonly receiverId: string,
  ) {
    this.#done = this.#sendAll();
    this.#done.catch(() => {});
  }

  async #sendAll(): Promise<void> {
    for (let i = 0; this.#going; i++) {
      const messageText = `${this.name} ${i}`;
      const input = { receiverId: this.receiverId, messageText, idempotencyKey: messageText };
      await this.#untilAcknowledged({ input }, i);
      this.sent.push(messageText);
    }
  }

  async #untilAcknowledged(variables: object, turn: number): Promise<void> {
    const start = performance.now();
    for (let attempt = turn; ; attempt++) {
      try {
        await new TestClient(this.pick(attempt), this.name).data(SEND, { ...variables });
        return;
      } catch (error) {
        this.failures.push(String(error));
        if (performance.now() - start > GIVE_UP_MS) throw error;
        await delay(RETRY_PAUSE_MS);
      }
    }
  }

  /** @throws what a message was lost by. */
  async stop(): Promise<readonly string[]> {
    this.#going = false;
    await this.#done;
    return this.sent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#going = false;
    await this.#done.catch(() => {});
  }
}

/** Asks the same query again and again, and tries none again that has failed. */
export class Reader implements AsyncDisposable {
  answers = 0;
  readonly failures: string[] = [];
  #going = true;
  readonly #done: Promise<void>;

  constructor(
    readonly name: string,
    readonly pick: Pick,
    readonly query: string,
  ) {
    this.#done = this.#askAll();
  }

  async #askAll(): Promise<void> {
    while (this.#going) {
      await new TestClient(this.pick(this.answers), this.name)
        .data(this.query)
        .catch((error: unknown) => this.failures.push(String(error)));
      this.answers++;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#going = false;
    await this.#done;
  }
}

/** One device that follows an inbox, whatever happens to the nodes. */
export interface Device extends AsyncDisposable {
  readonly over: Transport;
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
  const device = {
    over: 'sockets' as const,
    events: [] as InboxEvent[],
    connections: 0,
    errors: [] as unknown[],
  };
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
    over: 'Server-Sent Events',
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

export function textsOf(events: readonly InboxEvent[]): (string | undefined)[] {
  return events.map((event) => (event.__typename === 'MessageSent' ? event.message?.messageText : undefined));
}

/** Waits until each has sent that many more messages. */
export async function progress(senders: readonly Sender[], more: number): Promise<void> {
  const before = senders.map(({ sent }) => sent.length);
  await eventually(() => senders.every(({ sent }, i) => sent.length >= (before[i] as number) + more), {
    withinMs: GIVE_UP_MS,
  });
}
