import type { Socket } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import { eventually } from '../../support/eventually.ts';
import { FOLLOW } from '../operations.ts';
import { SPOKEN } from '../people.ts';
import type { Target } from '../target.ts';
import { ask } from './http.ts';
import { describeAnswer } from './reply.ts';

const PROTOCOL = 'graphql-transport-ws';
const ANSWER_WITHIN_MS = 5_000;

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A text, an object to be sent as JSON, or bytes that go past the WebSocket protocol. */
export type Said = string | Buffer | Readonly<Record<string, unknown>>;

export interface WireOptions extends Omit<ClientOptions, 'protocol'> {
  readonly protocol?: string | null;
  /** The payload of connection_init: a token of mallory's unless said; `null` sends no connection_init. */
  readonly params?: unknown;
}

export const subscribe = (id: unknown, query: string, more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
});

/** A socket below the level of graphql-ws' client. */
export class Wire {
  readonly socket: WebSocket;
  readonly #target: Target;
  readonly #heard: Message[] = [];
  #closed: string | null = null;

  constructor(target: Target, { protocol = PROTOCOL, params, ...options }: WireOptions = {}) {
    this.#target = target;
    const address = target.url.replace(/^http/, 'ws');
    this.socket =
      protocol === null ? new WebSocket(address, options) : new WebSocket(address, protocol, options);
    this.socket.on('error', () => {});
    this.socket.on('unexpected-response', (_request, { statusCode }) => {
      this.#closed = `refused ${statusCode}`;
      this.socket.terminate();
    });
    this.socket.on('close', (code, reason) => {
      target.hear(String(reason));
      this.#closed ??= `closed ${code}`;
    });
    this.socket.on('message', (message) => {
      target.hear(String(message));
      this.#heard.push(JSON.parse(String(message)));
    });
    this.socket.on('open', () => {
      if (params === null) return;
      const authorization = `Bearer ${target.cast.mallory.token}`;
      this.say({ type: 'connection_init', payload: params === undefined ? { authorization } : params });
    });
  }

  /** How it was closed, by the server; `null` while it is open. */
  get closed(): string | null {
    return this.#closed;
  }

  /** Below the WebSocket protocol. */
  get connection(): Socket {
    return (this.socket as unknown as { _socket: Socket })._socket;
  }

  say(...all: readonly Said[]): void {
    for (const said of all) {
      if (this.socket.readyState !== WebSocket.OPEN) return;
      if (Buffer.isBuffer(said)) this.connection.write(said);
      else this.socket.send(typeof said === 'string' ? said : JSON.stringify(said), () => {});
    }
  }

  /** Waits until the server lets it in, or closes it: "acknowledged", "closed 4403". */
  async opened(): Promise<string> {
    await this.#until(() => this.#heard.some(({ type }) => type === 'connection_ack'));
    return this.#closed ?? 'acknowledged';
  }

  /** Waits until the server closes it. */
  async end(withinMs = ANSWER_WITHIN_MS): Promise<string> {
    await this.#until(() => false, withinMs);
    return this.#closed ?? 'open';
  }

  /** The first answer to an operation: its data, "error BAD_USER_INPUT", or how the socket closed instead. */
  async answer(id: string): Promise<string> {
    await this.#until(() => this.#first(id) !== undefined);
    const message = this.#first(id);
    if (message === undefined) return this.#closed ?? 'no answer';
    if (message.type === 'error') return `error ${describeAnswer({ errors: message.payload })}`;
    return message.type === 'next' ? describeAnswer(message.payload) : message.type;
  }

  countOf(type: string): number {
    return this.#heard.filter((message) => message.type === type).length;
  }

  /** Follows the inbox on it, so that it can be seen whether an attack harms what else runs there. */
  async follow(): Promise<void> {
    this.say(subscribe('cursor', '{ inboxCursor }'));
    await this.answer('cursor');
    const { data } = (this.#first('cursor')?.payload ?? {}) as { data?: { inboxCursor: string } };
    this.say(subscribe('watch', FOLLOW, { variables: { after: data?.inboxCursor } }));
  }

  /** Whether it still answers, and what `follow` has begun still gets events. */
  async goesOn(): Promise<string> {
    this.say(subscribe('probe', '{ __typename }'));
    await this.answer('probe');
    if (this.#closed !== null) return this.#closed;
    await nudge(this.#target);
    const watched = await this.answer('watch');
    return this.#closed ?? (watched.startsWith('{"inbox"') ? 'goes on' : `follows no more: ${watched}`);
  }

  #first(id: string): Message | undefined {
    return this.#heard.find((message) => message.id === id);
  }

  drop(): void {
    this.socket.terminate();
  }

  async #until(done: () => boolean, withinMs = ANSWER_WITHIN_MS): Promise<void> {
    await eventually(() => done() || this.#closed !== null, { withinMs }).catch(() => {});
  }
}

/** bob writes to mallory. */
function nudge(target: Target): Promise<string> {
  const { bob, mallory } = target.cast;
  const input = { receiverId: mallory.id, messageText: SPOKEN };
  const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { isRead } } }';
  return ask(target, query, { input }, { token: bob.token });
}

/** Opens a socket, and says how that went. */
export async function open(target: Target, options: WireOptions = {}): Promise<string> {
  const wire = new Wire(target, options);
  try {
    return await wire.opened();
  } finally {
    wire.drop();
  }
}

/** Opens a socket, and says how the server closes it. @param begin what is done with it when it opens */
export async function untilClosed(
  target: Target,
  options: WireOptions = {},
  begin: (wire: Wire) => void = () => {},
): Promise<string> {
  const wire = new Wire(target, options);
  wire.socket.on('open', () => begin(wire));
  try {
    return await wire.end();
  } finally {
    wire.drop();
  }
}

/**
 * Says this on a socket that has been let in and follows the inbox. What comes of it: the answer to each operation in
 * it, and then whether the socket closes or goes on: "error BAD_USER_INPUT, goes on".
 */
export async function say(target: Target, ...all: readonly Said[]): Promise<string> {
  const wire = new Wire(target);
  try {
    await wire.opened();
    await wire.follow();
    wire.say(...all);
    const outcomes: string[] = [];
    for (const id of operationsIn(all)) outcomes.push(await wire.answer(id));
    return [...new Set([...outcomes, await wire.goesOn()])].join(', ');
  } finally {
    wire.drop();
  }
}

function operationsIn(all: readonly Said[]): string[] {
  return all.flatMap((said) => {
    if (typeof said === 'string' || Buffer.isBuffer(said)) return [];
    return said['type'] === 'subscribe' && typeof said['id'] === 'string' && said['id'] !== ''
      ? [said['id']]
      : [];
  });
}
