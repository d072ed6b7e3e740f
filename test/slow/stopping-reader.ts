import { request as httpRequest, type IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { INBOX, type TestClient } from '../support/client.ts';
import type { InboxEvent, Transport } from '../support/subscriber.ts';

/** A client that can stop to read from its connection: nothing then leaves the system's buffers, nor the server. */
export class StoppingReader {
  readonly events: InboxEvent[] = [];
  /** The server, or the connection, has ended it. */
  ended = false;

  constructor(
    readonly pause: () => void,
    readonly resume: () => void,
    /** Cuts the connection. */
    readonly drop: () => void,
  ) {}

  get cursor(): string | undefined {
    return this.events.at(-1)?.cursor;
  }
}

/** Follows the inbox after `after`; over a socket with one or more subscriptions. Resolves when the server has taken the connection. */
export async function startReader(
  client: TestClient,
  over: Transport,
  after: string,
  times = 1,
): Promise<StoppingReader> {
  const { authorization = '' } = await client.headers();
  const payload = { query: INBOX, variables: { after } };
  return over === 'sockets'
    ? readFromSocket(client.url, authorization, payload, times)
    : readFromStream(client.url, authorization, payload);
}

function readFromSocket(
  url: string,
  authorization: string,
  payload: object,
  times: number,
): Promise<StoppingReader> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  const reader = new StoppingReader(
    () => socket.pause(),
    () => socket.resume(),
    () => socket.terminate(),
  );
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })),
    );
    socket.once('close', () => {
      reader.ended = true;
    });
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'next') return reader.events.push(message.payload.data.inbox);
      if (message.type !== 'connection_ack') return reject(new Error(String(data)));
      for (let id = 1; id <= times; id++)
        socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload }));
      resolve(reader);
    });
  });
}

function readFromStream(url: string, authorization: string, payload: object): Promise<StoppingReader> {
  const headers = { authorization, accept: 'text/event-stream', 'content-type': 'application/json' };
  const request = httpRequest(url, { method: 'POST', headers, agent: false });
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response: IncomingMessage) => {
      const reader = new StoppingReader(
        () => response.pause(),
        () => response.resume(),
        () => request.destroy(),
      );
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const blocks = `${rest}${chunk}`.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks)
          if (block.startsWith('event: next\ndata: '))
            reader.events.push(JSON.parse(block.slice(18)).data.inbox);
      });
      response
        .on('error', () => {})
        .once('close', () => {
          reader.ended = true;
        });
      resolve(reader);
    });
    request.end(JSON.stringify(payload));
  });
}
