import type { IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';

const PING_INTERVAL_MS = 12_000;
/** RFC 6455, section 5.5: a control frame has 125 bytes, of which the code takes 2. */
const MAX_REASON_BYTES = 123;

/** What the protocol's callbacks know of a socket. */
export interface SocketExtra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

/**
 * Connects one socket to graphql-ws' protocol. Its own adapter writes to the console, tells clients what the inside
 * threw, and lets answers pile up without end.
 */
export function serveSocket(
  protocol: Server<SocketExtra>,
  { socket, request }: SocketExtra,
  /**
   * What may wait for a client that does not read. One that goes on asking would fill the memory; and so would the
   * subscriptions of one socket, of which each may have an event of a megabyte on its way.
   */
  maxBufferedBytes: number,
  log: Logger,
): void {
  const fail = (error: Error) => {
    log.debug({ reason: error.message }, 'a client spoke wrongly on its socket');
    socket.close(CloseCode.BadRequest, 'Invalid message received');
  };
  socket.on('error', fail);

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (message) => sendOn(socket, message, maxBufferedBytes),
      // One that is too long, with an id of the client's in it, would be an error.
      close: (code, reason = '') =>
        socket.close(code, Buffer.byteLength(reason) <= MAX_REASON_BYTES ? reason : ''),
      onMessage(receive) {
        socket.on('message', (message, isBinary) => {
          // What is no UTF-8 in it would be stored as something else than was sent.
          if (isBinary) socket.close(CloseCode.BadRequest, 'Messages are texts');
          else if (socket.bufferedAmount > maxBufferedBytes) socket.terminate();
          else receive(String(message)).catch(fail);
        });
      },
    },
    { socket, request },
  );
  const stopPinging = ping(socket);
  socket.once('close', (code, reason) => {
    stopPinging();
    closed(code, String(reason)).catch((error: unknown) =>
      log.error({ err: error }, 'socket not cleaned up'),
    );
  });
}

/** @returns what resolves when the message has been given to the system, or the socket is gone; nothing, if so at once */
export function sendOn(
  socket: WebSocket,
  message: string,
  maxBufferedBytes: number,
): Promise<void> | undefined {
  if (socket.bufferedAmount > maxBufferedBytes) socket.terminate();
  // A socket that is gone is told about by its `close`; the sender has nothing to add.
  if (socket.readyState !== socket.OPEN) return undefined;
  let onSent: (() => void) | undefined;
  socket.send(message, () => onSent?.());
  if (socket.bufferedAmount === 0) return undefined;
  return new Promise((resolve) => {
    onSent = resolve;
  });
}

/** Cuts off a client that has vanished: it answers no ping. */
function ping(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_INTERVAL_MS);
  return () => clearInterval(timer);
}
