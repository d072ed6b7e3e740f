import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { now } from '../../support/clock.ts';

const SUBSCRIBE = `subscription ($after: String) {
  inbox(after: $after) {
    __typename cursor
    ... on MessageSent { message { id messageText createdAt sender { id username } } }
  }
}`;
/** Before another try to connect. */
const RETRY_PAUSE_MS = 250;

export interface SubscriberOptions {
  readonly url: string;
  readonly authorization: string;
  /** From where it connects: one address has some 28,000 ports, and a closed connection keeps its port for a minute. */
  readonly localAddress: string;
  readonly onText: (messageText: string) => void;
  /** What should not have happened; the subscriber goes on all the same. */
  readonly onFault: (fault: string) => void;
}

/** One user's socket with one subscription, as a client that stores its cursor would hold it. */
export class Subscriber {
  #socket: WebSocket | null = null;
  #cursor: string | null = null;
  /** Milliseconds since 1970. */
  connectedAt = 0;

  constructor(private readonly options: SubscriberOptions) {}

  /** Resolves when the server has acknowledged the connection and the subscription is on its way. */
  async connect(): Promise<void> {
    for (;;) {
      const fault = await this.#tryToConnect();
      if (fault === null) return;
      this.options.onFault(fault);
      await delay(RETRY_PAUSE_MS);
    }
  }

  /** Cuts the connection, without a word. */
  drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.terminate();
  }

  /** @returns why it did not work. */
  #tryToConnect(): Promise<string | null> {
    const { url, authorization, localAddress, onFault } = this.options;
    const socket = new WebSocket(url, 'graphql-transport-ws', { localAddress, perMessageDeflate: false });
    this.#socket = socket;
    return new Promise((resolve) => {
      let connected = false;
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code ?? error.message}`));
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
      });
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'next' && !message.payload.errors) return this.#take(message.payload.data.inbox);
        if (message.type !== 'connection_ack')
          return onFault(`${message.type}: ${JSON.stringify(message.payload)}`);
        const payload = { query: SUBSCRIBE, variables: { after: this.#cursor } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        connected = true;
        this.connectedAt = now();
        resolve(null);
      });
      socket.on('close', (code) => {
        if (this.#socket !== socket) return resolve(null);
        if (!connected) return resolve(`closed with ${code}`);
        onFault(`closed with ${code} after connecting`);
        void this.connect();
      });
    });
  }

  #take({ cursor, message }: { cursor: string; message: { messageText: string } }): void {
    this.#cursor = cursor;
    this.options.onText(message.messageText);
  }
}
