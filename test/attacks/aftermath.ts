import { eventually } from '../support/eventually.ts';
import type { Memory, Target } from './target.ts';

/** Parsed documents and compiled code are kept, with bounds of their own; beyond that nothing may pile up. */
const MAX_GROWTH_BYTES = 64 * 1_048_576;
const CLOSED_WITHIN_MS = 3_000;

/** What a server holds at one moment. */
export interface Holdings extends Memory {
  readonly sockets: number;
  readonly subscriptions: number;
}

export async function holdingsOf(target: Target): Promise<Holdings> {
  const sockets = () => target.gauge('parley_sockets');
  // What a client has just dropped is noticed in the next moment.
  await eventually(async () => (await sockets()) === 0, { withinMs: CLOSED_WITHIN_MS }).catch(() => {});
  return {
    ...(await target.memory()),
    sockets: await sockets(),
    subscriptions: await target.gauge('parley_subscriptions'),
  };
}

/** @returns what attacks have left behind that they should not. */
export function leftovers(before: Holdings, after: Holdings): string[] {
  const grown = after.held - before.held;
  return [
    ...(grown > MAX_GROWTH_BYTES ? [`holds ${Math.round(grown / 1_048_576)} MB more`] : []),
    ...(after.sockets > 0 ? [`keeps ${after.sockets} sockets`] : []),
    ...(after.subscriptions > before.subscriptions
      ? [`follows ${after.subscriptions - before.subscriptions} inboxes for nobody`]
      : []),
  ];
}
