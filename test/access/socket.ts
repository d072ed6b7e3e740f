import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Answer } from '../support/client.ts';
import type { Asked, Connection, Enough, Exchange } from './exchange.ts';

/** The socket was closed instead of acknowledged. */
class SocketRefused extends Error {
  constructor(readonly code: number) {
    super(`the socket was closed with ${code}`);
  }
}

interface Running {
  readonly frames: string[];
  readonly answers: Answer[];
  readonly enough: Enough | undefined;
  readonly resolve: (exchange: Exchange) => void;
  readonly reject: (error: Error) => void;
}

/** How a socket says that its user, or their token, counts no more. */
const FORBIDDEN = 4403;
const UNAUTHENTICATED: Answer = { errors: [{ message: 'closed', extensions: { code: 'UNAUTHENTICATED' } }] };

/** `graphql-transport-ws` by hand: a client's library would not show the frames as they came. */
export async function connectSocket(url: string, authorization: string | null): Promise<Connection> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  const running = new Map<string, Running>();
  let count = 0;

  function end(id: string) {
    const operation = running.get(id);
    running.delete(id);
    if (operation === undefined) return;
    const { frames, answers, resolve } = operation;
    // The id is the asker's own and another each time.
    resolve({
      status: null,
      headers: {},
      body: frames.join('\n').replaceAll(`"id":"${id}"`, '"id"'),
      answers,
    });
  }

  function take(frame: string) {
    const { id, type, payload } = JSON.parse(frame);
    const operation = running.get(id);
    if (operation === undefined) return;
    operation.frames.push(frame);
    if (type !== 'complete') operation.answers.push(type === 'error' ? { errors: payload } : payload);
    if (type === 'next' && operation.enough?.(operation.answers)) {
      socket.send(JSON.stringify({ id, type: 'complete' }));
      end(id);
    }
    if (type !== 'next') end(id);
  }

  await once(socket, 'open');
  const acknowledged = Promise.race([
    once(socket, 'message').then(() => null),
    once(socket, 'close').then(([code]) => new SocketRefused(code)),
  ]);
  socket.send(JSON.stringify({ type: 'connection_init', payload: authorization ? { authorization } : {} }));
  const refusal = await acknowledged;
  if (refusal !== null) throw refusal;

  socket.on('message', (frame) => take(String(frame)));
  function endByClosing(id: string, code: number) {
    const operation = running.get(id);
    if (code !== FORBIDDEN) return operation?.reject(new SocketRefused(code));
    operation?.answers.push(UNAUTHENTICATED);
    end(id);
  }

  let closedWith: number | null = null;
  socket.on('close', (code) => {
    closedWith = code;
    for (const id of running.keys()) endByClosing(id, code);
  });
  return {
    ask: (payload: Asked, enough) =>
      new Promise((resolve, reject) => {
        const id = `${++count}`;
        running.set(id, { frames: [], answers: [], enough, resolve, reject });
        if (closedWith === null) socket.send(JSON.stringify({ id, type: 'subscribe', payload }), () => {});
        else endByClosing(id, closedWith);
      }),
    async [Symbol.asyncDispose]() {
      if (socket.readyState === socket.CLOSED) return;
      socket.close(1000);
      await once(socket, 'close');
    },
  };
}
