import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../target.ts';
import { closeCodeIn } from './frames.ts';
import { describeReply } from './reply.ts';

/** After an answer: how long nothing more may come before the connection counts as left open. */
const QUIET_MS = 150;
/** How long to wait for a first answer. */
const PATIENCE_MS = 8_000;

const DRIP_INTERVAL_MS = 100;

/** A connection below HTTP. */
export class RawConnection {
  readonly #target: Target;
  readonly #socket: Socket;
  readonly #received: Buffer[] = [];
  #heardAt = performance.now();
  #closed = false;

  constructor(target: Target) {
    this.#target = target;
    this.#socket = connect(target.port, target.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk) => {
      this.#received.push(chunk);
      this.#heardAt = performance.now();
    });
    this.#socket.on('close', () => {
      this.#closed = true;
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  get socket(): Socket {
    return this.#socket;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  write(bytes: string | Buffer): void {
    if (!this.#closed) this.#socket.write(bytes);
  }

  /** Waits until the server has answered and falls silent, or closes; then says what came, and drops the connection. */
  async outcome(): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!this.#closed && performance.now() < deadline) {
      if (this.#received.length > 0 && performance.now() - this.#heardAt > QUIET_MS) break;
      await delay(10);
    }
    const closed = this.#closed;
    this.#socket.destroy();
    const received = Buffer.concat(this.#received);
    this.#target.hear(received.toString('latin1'));
    return `${describeResponses(received)}, ${closed ? 'closed' : 'open'}`;
  }
}

/** Sends these bytes, and says what came back: "400, closed"; "200 … 200 …, open" for two answers. */
export function raw(target: Target, bytes: string | Buffer): Promise<string> {
  const connection = new RawConnection(target);
  connection.write(bytes);
  return connection.outcome();
}

/** Sends the first bytes at once, and then one byte at a time. */
export async function drip(target: Target, start: string): Promise<string> {
  const connection = new RawConnection(target);
  connection.write(start);
  const dripping = setInterval(() => connection.write('a'), DRIP_INTERVAL_MS);
  try {
    return await connection.outcome();
  } finally {
    clearInterval(dripping);
  }
}

/** A request's head, with a Host. */
export function head(target: Target, line: string, ...headers: readonly string[]): string {
  return [line, `Host: ${target.host}`, ...headers, '', ''].join('\r\n');
}

const RESPONSE = /HTTP\/1\.1 (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/g;

/** A body in one chunk, and the last chunk. */
const CHUNKED = /^[0-9a-f]+\r\n(.*)\r\n0\r\n\r\n$/s;

function describeResponses(received: Buffer): string {
  const text = received.toString('latin1');
  const found = [...text.matchAll(RESPONSE)];
  if (found.length === 0) return text === '' ? 'nothing' : 'something else';
  const said = found.map((match, i) => {
    const start = match.index + match[0].length;
    if (match[1] === '101') return describeUpgrade(received.subarray(start));
    const body = text.slice(start, found[i + 1]?.index);
    return describeReply(Number(match[1]), body.replace(CHUNKED, '$1'));
  });
  return countRepeats(said).join('; ');
}

function describeUpgrade(frames: Buffer): string {
  const code = closeCodeIn(frames);
  return code === null ? '101' : `101 closed ${code}`;
}

/** "200" fifty times is "50 × 200". */
function countRepeats(said: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const each of said) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].map(([each, count]) => (count === 1 ? each : `${count} × ${each}`));
}
