import { once } from 'node:events';
import WebSocket from 'ws';

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }`;

interface Answer {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** One user who sends over a socket, many messages at a time. */
export class Sender {
  readonly #waiting = new Map<string, Answer>();
  #asked = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const { id, type, payload } = JSON.parse(String(data));
      const answer = this.#waiting.get(id);
      if (type === 'next' && !payload.errors) answer?.resolve();
      else answer?.reject(new Error(JSON.stringify(payload)));
      this.#waiting.delete(id);
    });
    socket.on('close', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the socket closed with ${code}`));
    });
  }

  static async connect(url: string, authorization: string): Promise<Sender> {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    await once(socket, 'open');
    const acknowledged = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await acknowledged;
    return new Sender(socket);
  }

  /** Resolves when it has been acknowledged. */
  send(receiverId: string, messageText: string, idempotencyKey: string): Promise<void> {
    const id = String(++this.#asked);
    const variables = { input: { receiverId, messageText, idempotencyKey } };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: SEND, variables } }));
    });
  }

  close(): void {
    this.socket.terminate();
  }
}
