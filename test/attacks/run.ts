import { setTimeout as delay } from 'node:timers/promises';
import type { Attack } from './attack.ts';
import { LeakDetector } from './leaks.ts';
import { WHO } from './operations.ts';
import { exchange } from './senders/http.ts';
import type { Target, Targets } from './target.ts';

/**
 * How long somebody else may have to wait, while an attack runs or after it. Alone on 2 cores it is under 300 ms; a
 * machine that runs other suites beside this one needs the rest.
 */
const BYSTANDER_WITHIN_MS = 4_000;
const PROBE_INTERVAL_MS = 20;

/** What came of an attack. */
export interface Result {
  readonly observed: string;
  /** The longest that anybody else had to wait for an answer, in milliseconds. */
  readonly bystanderMs: number;
  /** Everything that is not as it should be. */
  readonly faults: readonly string[];
}

/** Runs attacks, one at a time, and looks after each whether anybody else was harmed. */
export class Runner {
  readonly #targets: Targets;
  readonly #detectors: ReadonlyMap<Target, LeakDetector>;

  constructor(targets: Targets) {
    this.#targets = targets;
    this.#detectors = new Map(targets.all.map((target) => [target, new LeakDetector(target)]));
  }

  async run({ on = 'development', send, expected, writes = 0 }: Attack): Promise<Result> {
    const target = this.#targets[on];
    const before = await sentByMallory(target);
    const attack = new AbortController();
    const meanwhile = slowestSignOfLife(target, attack.signal);
    const observed = await send(target)
      .catch((error: unknown) => `the attack failed: ${error}`)
      .finally(() => attack.abort());
    const waits = [await meanwhile, await waitOfAlice(target)];
    const written = (await sentByMallory(target)) - before;
    const bystanderMs = Math.round(Math.max(...waits.map(({ ms }) => ms)));
    const faults = [
      ...([expected].flat().includes(observed) ? [] : [`observed: ${observed}`]),
      ...waits.flatMap(({ fault }) => fault ?? []),
      ...(bystanderMs > BYSTANDER_WITHIN_MS ? [`somebody else waited ${bystanderMs} ms`] : []),
      ...(written === writes ? [] : [`wrote ${written} messages`]),
      ...(this.#detectors.get(target)?.find() ?? []),
    ];
    return { observed, bystanderMs, faults };
  }
}

interface Wait {
  readonly ms: number;
  readonly fault?: string;
}

/** A good request of somebody else's, which goes all the way to the database. */
async function waitOfAlice(target: Target): Promise<Wait> {
  const start = performance.now();
  const answer = await exchange(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: WHO }),
    token: target.cast.alice.token,
  }).catch(() => null);
  const ms = performance.now() - start;
  if (answer?.body === '{"data":{"viewer":{"username":"alice"}}}') return { ms };
  return {
    ms,
    fault: `somebody else got ${answer === null ? 'no answer' : `${answer.status} ${answer.body}`}`,
  };
}

/** Whether the event loop turns while an attack runs. */
async function slowestSignOfLife(target: Target, signal: AbortSignal): Promise<Wait> {
  let ms = 0;
  while (!signal.aborted) {
    const start = performance.now();
    // Each on a connection of its own: a kept one may just be closing for having been idle.
    const reply = await exchange(target, { path: '/health/live', token: null }).catch(() => null);
    ms = Math.max(ms, performance.now() - start);
    if (reply?.status !== 200) return { ms, fault: 'no sign of life meanwhile' };
    await delay(PROBE_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return { ms };
}

async function sentByMallory({ pool, cast }: Target): Promise<number> {
  const { rows } = await pool.query('SELECT count(*)::int FROM messages WHERE sender_id = $1', [
    cast.mallory.row,
  ]);
  return rows[0].count;
}
