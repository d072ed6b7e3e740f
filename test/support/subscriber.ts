import type { WebSocket } from 'ws';
import type { Answer, TestClient } from './client.ts';
import { eventually } from './eventually.ts';

export interface MessageShown {
  readonly id: string;
  readonly messageText: string;
  readonly isRead: boolean;
  readonly createdAt: string;
  readonly sender: { readonly id: string; readonly username: string };
  readonly receiver: { readonly id: string; readonly username: string };
}

export type InboxEvent = { readonly cursor: string } & (
  | { readonly __typename: 'MessageSent'; readonly message: MessageShown | null }
  | {
      readonly __typename: 'MessagesRead';
      readonly reader: { readonly username: string };
      readonly messages: readonly MessageShown[];
    }
  | { readonly __typename: 'MessagesChanged'; readonly messages: readonly MessageShown[] }
  | { readonly __typename: 'MessagesDeleted'; readonly messageIds: readonly string[] }
);

const EVERYTHING = `
  subscription ($after: String) {
    inbox(after: $after) {
      __typename cursor
      ... on MessageSent { message { ...shown } }
      ... on MessagesRead { reader { username } messages { ...shown } }
      ... on MessagesChanged { messages { ...shown } }
      ... on MessagesDeleted { messageIds }
    }
  }
  fragment shown on Message {
    id messageText isRead createdAt sender { id username } receiver { id username }
  }`;

export type Transport = 'sockets' | 'Server-Sent Events';

/** What one subscription has been given. */
export class Recording implements AsyncDisposable {
  readonly events: InboxEvent[] = [];
  /** Of every answer that had some. */
  readonly errors: NonNullable<Answer['errors']>[number][] = [];
  /** Whether the server, or the connection, has ended it. */
  ended = false;
  /** With which code the socket closed. */
  closeCode: number | null = null;

  /** Stops to read from the connection, and to answer on it: like a client that has lost its network. */
  freeze: () => void = () => {};

  constructor(
    /** Ends it as a client should. */
    private readonly stop: () => Promise<unknown>,
    /** Cuts the connection. */
    readonly drop: () => void,
  ) {}

  get cursor(): string | undefined {
    return this.events.at(-1)?.cursor;
  }

  get kinds(): string[] {
    return this.events.map(({ __typename }) => __typename);
  }

  take({ data, errors }: Answer): void {
    if (errors) this.errors.push(...errors);
    if (data) this.events.push(data.inbox);
  }

  /** Waits until there are `count` events, and gives them. */
  async reaches(count: number, withinMs?: number): Promise<readonly InboxEvent[]> {
    return this.until((events) => events.length >= count, withinMs);
  }

  async until(
    done: (events: readonly InboxEvent[]) => boolean,
    withinMs = 5_000,
  ): Promise<readonly InboxEvent[]> {
    await eventually(
      () => {
        if (done(this.events)) return;
        throw new Error(
          `${this.events.length} events: ${this.kinds.slice(-20)}; ${JSON.stringify(this.errors)}`,
        );
      },
      { withinMs },
    );
    return [...this.events];
  }

  async end(withinMs?: number): Promise<this> {
    await eventually(() => this.ended, withinMs === undefined ? {} : { withinMs });
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Where the log of this user ends now. */
export async function cursorOf(client: TestClient): Promise<string> {
  return (await client.data('{ inboxCursor }')).inboxCursor;
}

/**
 * Follows the inbox as a device of its own: from the cursor `after`, or else from what the log's end is now. `null`
 * stands for no cursor; from where that follows is known only to the server.
 */
export async function follow(
  client: TestClient,
  { over = 'sockets', after }: { readonly over?: Transport; readonly after?: string | null } = {},
): Promise<Recording> {
  const from = after === undefined ? await cursorOf(client) : after;
  return over === 'sockets' ? followOverSocket(client, from) : followOverSse(client, from);
}

async function followOverSocket(client: TestClient, after: string | null): Promise<Recording> {
  let socket: WebSocket | undefined;
  let dropped = false;
  const device = await client.socket({
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
        if (dropped) socket.terminate();
      },
      closed: (event) => {
        recording.closeCode = (event as CloseEvent).code;
        recording.ended = true;
      },
    },
  });
  const recording = new Recording(
    async () => device.dispose(),
    () => {
      dropped = true;
      socket?.terminate();
    },
  );
  recording.freeze = () => socket?.pause();
  device.subscribe<Record<string, unknown>>(
    { query: EVERYTHING, variables: { after } },
    {
      next: (answer) => recording.take(answer as Answer),
      error: () => {
        recording.ended = true;
      },
      complete: () => {
        recording.ended = true;
      },
    },
  );
  return recording;
}

async function followOverSse(client: TestClient, after: string | null): Promise<Recording> {
  const cut = new AbortController();
  const recording: Recording = new Recording(
    async () => {
      cut.abort();
      await done;
    },
    () => cut.abort(),
  );
  const done = readSse(client, after, cut.signal, recording)
    .catch(() => {})
    .finally(() => {
      recording.ended = true;
    });
  return recording;
}

async function readSse(client: TestClient, after: string | null, signal: AbortSignal, recording: Recording) {
  const response = await fetch(client.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(await client.headers()),
    },
    body: JSON.stringify({ query: EVERYTHING, variables: { after } }),
    signal,
  });
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith('event: next\ndata: ')) recording.take(JSON.parse(block.slice(18)));
      if (block.startsWith('event: complete')) recording.ended = true;
    }
  }
}
