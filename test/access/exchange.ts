import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Answer } from '../support/client.ts';
import { connectSocket } from './socket.ts';

export const TRANSPORTS = ['JSON over HTTP', 'Server-Sent Events', 'WebSocket'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** All that came back, to the byte. */
export interface Exchange {
  /** `null` on a socket. */
  readonly status: number | null;
  /** Without what differs from each answer to the next. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly answers: readonly Answer[];
}

/** When to hang up, though more may come. */
export type Enough = (answers: readonly Answer[]) => boolean;

export interface Connection extends AsyncDisposable {
  ask(asked: Asked, enough?: Enough): Promise<Exchange>;
}

/** @throws SocketRefused */
export async function connect(
  transport: Transport,
  url: string,
  authorization: string | null,
): Promise<Connection> {
  if (transport === 'WebSocket') return connectSocket(url, authorization);
  const agent = new Agent({ keepAlive: true });
  const accept = transport === 'JSON over HTTP' ? 'application/graphql-response+json' : 'text/event-stream';
  const headers = { 'content-type': 'application/json', accept, ...(authorization && { authorization }) };
  return {
    async ask(asked, enough) {
      // Not fetch: it takes several times as long, and there are thousands of questions.
      const sent = request(url, { method: 'POST', headers, agent });
      sent.end(JSON.stringify(asked));
      const [response] = await once(sent, 'response');
      return receive(response, enough);
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

const OF_EACH_ANSWER = new Set(['date', 'x-request-id', 'content-length']);

async function receive(response: IncomingMessage, enough?: Enough): Promise<Exchange> {
  const { statusCode = null, headers } = response;
  const streams = headers['content-type']?.startsWith('text/event-stream') ?? false;
  let body = '';
  let answers: readonly Answer[] = [];
  response.setEncoding('utf8');
  for await (const chunk of response) {
    body += chunk;
    if (streams) answers = eventsIn(body);
    if (enough?.(answers)) break;
  }
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_EACH_ANSWER.has(name))),
    body,
    answers: streams || body === '' ? answers : [JSON.parse(body)],
  };
}

function eventsIn(body: string): Answer[] {
  return [...body.matchAll(/^data: (.+)\n\n/gm)].map(([, data]) => JSON.parse(data as string));
}
