import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Why this server cannot serve now; `null` when it can. */
export type ReadinessCheck = () => Promise<string | null>;

/** For how long an answer stands: however many probes come, the database is asked about once a second. */
const FRESH_MS = 1_000;
/** A probe of a database that hangs is answered, too. */
const ANSWER_WITHIN_MS = 3_000;

/** Asks `check` anew when its last answer is older than FRESH_MS, and waits for it no longer than ANSWER_WITHIN_MS. */
export function cachedCheck(check: ReadinessCheck): ReadinessCheck {
  let latest: Promise<string | null> | null = null;

  async function ask() {
    const answered = new AbortController();
    try {
      const late = delay(ANSWER_WITHIN_MS, 'The database does not answer.', { signal: answered.signal });
      late.catch(() => {});
      return await Promise.race([check(), late]);
    } finally {
      answered.abort();
      setTimeout(() => {
        latest = null;
      }, FRESH_MS).unref();
    }
  }

  return () => {
    latest ??= ask();
    return latest;
  };
}

/** 200 as long as the process can answer at all. */
export function answerLive(response: ServerResponse): void {
  answer(response, 200, { status: 'live' });
}

/** 200 when requests can be served; 503 with the reason when not. */
export async function answerReady(response: ServerResponse, notReady: ReadinessCheck): Promise<void> {
  const reason = await notReady();
  answer(
    response,
    reason === null ? 200 : 503,
    reason === null ? { status: 'ready' } : { status: 'not ready', reason },
  );
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
