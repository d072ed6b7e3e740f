import { setTimeout as delay } from 'node:timers/promises';

export interface Shutdown {
  /** Not ready, but serving, before the port closes. */
  readonly delayMs: number;
  /** For operations that run when the port closes. */
  readonly timeoutMs: number;
  /** Over which sockets and event streams are ended, at most. */
  readonly spreadMs: number;
}

/** What stays open until one side ends it: a socket, or an event stream. */
export interface OpenStream {
  /** Operations on it that still owe their only answer. */
  readonly running: number;
  /** Begins nothing more, whatever the client asks for. */
  refuse(): void;
  /** Ends it after what it has been given to send; resolves when it is closed, after CLOSE_GRACE_MS at most. */
  end(): Promise<void>;
}

/** How long a client may take to let its connection end; ws itself would wait 30 s. */
export const CLOSE_GRACE_MS = 2_000;
/** 2,000 sockets close within 2.0 s, and within 0.35 s without it. */
const SPREAD_A_STREAM_MS = 1;
const POLL_INTERVAL_MS = 10;

/** How long a server takes to stop, at most. */
export function longestStopMs({ delayMs, timeoutMs, spreadMs }: Shutdown): number {
  return delayMs + timeoutMs + spreadMs + CLOSE_GRACE_MS;
}

/**
 * Ends one after another, evenly over `spreadMs` or 1 ms for each, whichever is less, so that their clients do not come
 * back to other nodes in the same instant. Each is ended when what runs on it has been answered, or at the deadline.
 */
export async function endSpread(
  streams: readonly OpenStream[],
  spreadMs: number,
  deadline: AbortSignal,
): Promise<void> {
  const stepMs = Math.min(spreadMs / streams.length, SPREAD_A_STREAM_MS);
  const start = performance.now();
  const ends: Promise<void>[] = [];
  for (const [i, stream] of streams.entries()) {
    const earlyMs = start + i * stepMs - performance.now();
    if (earlyMs > 0) await delay(earlyMs);
    ends.push(endWhenAnswered(stream, deadline));
  }
  await Promise.all(ends);
}

async function endWhenAnswered(stream: OpenStream, deadline: AbortSignal): Promise<void> {
  // What is begun after the end was announced would be done and never answered; its client would do it again.
  stream.refuse();
  while (stream.running > 0 && !deadline.aborted) await delay(POLL_INTERVAL_MS);
  await stream.end();
}
