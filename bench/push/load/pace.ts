import { setTimeout as delay } from 'node:timers/promises';
import type { Traffic } from './protocol.ts';

/** The shortest that timers know. */
const TICK_MS = 1;
/** As many sends as a server is given at a time, however far it is behind. */
const MAX_IN_FLIGHT = 64;

/** Calls `send` for each number from 0, evenly spread over time. @throws what the first that failed threw */
export async function pace(
  { messages, rate }: Traffic,
  send: (number: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const inFlight = new Set<Promise<void>>();
  let failure: unknown;
  let started = 0;
  while (started < messages && failure === undefined) {
    const due =
      rate === null ? messages : Math.min(messages, ((performance.now() - startedAt) / 1_000) * rate);
    while (started < due && inFlight.size < MAX_IN_FLIGHT) {
      const sending: Promise<void> = send(started++)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => inFlight.delete(sending));
      inFlight.add(sending);
    }
    if (inFlight.size === MAX_IN_FLIGHT) await Promise.race(inFlight);
    else await delay(TICK_MS);
  }
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure;
}
