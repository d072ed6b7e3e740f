import type { MessageWithPeople } from '../model.ts';

/** How old a message may be that an event shows as it is now: whoever reads slowly is shown what it has become since. */
const FRESH_MS = 1_000;

/** A sent message that was read with the log, so that showing it live takes no statement of its own. */
export interface SeenMessage {
  readonly message: MessageWithPeople;
  /** Milliseconds, by `performance.now()`: not after it was read. */
  readonly at: number;
}

/** `null` when it was seen too long ago, or not at all. */
export function freshMessage(seen: SeenMessage | undefined): MessageWithPeople | null {
  return seen !== undefined && performance.now() - seen.at <= FRESH_MS ? seen.message : null;
}
