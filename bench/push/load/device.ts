import { once } from 'node:events';
import WebSocket from 'ws';
import { now } from '../../support/clock.ts';
import { MESSAGE_FIELDS } from './message-fields.ts';

const SUBSCRIBE = `subscription { inbox { __typename cursor ... on MessageSent { message { ${MESSAGE_FIELDS} } } } }`;

interface Pushed {
  readonly id: string;
  readonly messageText: string;
}

export interface DeviceOptions {
  /** Of the sockets: `ws://…`. */
  readonly url: string;
  readonly authorization: string;
  /** @param at milliseconds since 1970 */
  readonly onMessage: (message: Pushed, at: number) => void;
  /** What must not happen while it is measured. */
  readonly onFault: (fault: string) => void;
}

/** One socket with one subscription. */
export class Device {
  private constructor(private readonly socket: WebSocket) {}

  /** Resolves when the server has acknowledged the connection and the subscription is on its way. */
  static async connect({ url, authorization, onMessage, onFault }: DeviceOptions): Promise<Device> {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    await once(socket, 'open');
    const answered = Promise.race([once(socket, 'message'), refusalOf(socket)]);
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await answered;
    socket.on('message', (text) => {
      const at = now();
      const { type, payload } = JSON.parse(String(text));
      const message = payload?.data?.inbox?.message;
      if (message) onMessage(message, at);
      else onFault(`${type}: ${JSON.stringify(payload)}`);
    });
    socket.on('close', (code) => onFault(`a socket closed with ${code}`));
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIBE } }));
    return new Device(socket);
  }

  drop(): void {
    this.socket.removeAllListeners('close').terminate();
  }
}

async function refusalOf(socket: WebSocket): Promise<never> {
  const [code] = await once(socket, 'close');
  throw new Error(`the server refused a connection with ${code}`);
}
