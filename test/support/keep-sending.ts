import { eventually } from './eventually.ts';
import { SEND, type SentMessage } from './messages.ts';
import type { Person } from './people.ts';
import type { InboxEvent } from './subscriber.ts';

/** For how long one message is tried: longer than any fault of a test lasts. */
const ANSWERED_WITHIN_MS = 25_000;

/** Messages on their way without a pause. Disposing gives up what is not acknowledged yet. */
export interface Sending extends AsyncDisposable {
  /** In the order of their answers. */
  readonly acknowledged: readonly SentMessage[];
  /** Those of them that took more than one try. */
  readonly retried: readonly SentMessage[];
  /** Tries of which nobody knows whether they were carried out: no answer, or UNAVAILABLE. */
  readonly unanswered: number;
  /** Waits until this many more have been acknowledged. @throws what another answer than these said. */
  goesOn(count: number): Promise<void>;
  /** Ends with everything acknowledged that was begun. @throws the same. */
  stop(): Promise<void>;
}

/**
 * Sends from one person, in several lanes at once, each message after the one before has been acknowledged: "0/0", "0/1",
 * … in the first lane. What is not acknowledged is tried again with its key on the next node.
 * @param from the sender as a client of each node
 */
export function keepSending(from: readonly Person[], to: Person, lanes = 4): Sending {
  const acknowledged: SentMessage[] = [];
  const retried: SentMessage[] = [];
  let unanswered = 0;
  let going = true;
  let givenUp = false;

  async function sendInLane(lane: number) {
    for (let i = 0; going; i++) {
      const { message, tries } = await sendUntilAnswered(`${lane}/${i}`, lane + i);
      acknowledged.push(message);
      if (tries > 1) retried.push(message);
    }
  }

  async function sendUntilAnswered(text: string, firstNode: number) {
    const input = { receiverId: to.id, messageText: text, idempotencyKey: text };
    let tries = 0;
    const answer = await eventually(
      async () => {
        if (givenUp) return null;
        const { client } = from[(firstNode + tries++) % from.length] as Person;
        const given = await client.ask(SEND, { input }).catch(() => null);
        if (given !== null && given.errors?.[0]?.extensions.code !== 'UNAVAILABLE') return given;
        unanswered++;
        return false;
      },
      { withinMs: ANSWERED_WITHIN_MS },
    );
    if (answer === null) throw new Error(`${text}: given up`);
    if (answer.errors !== undefined) throw new Error(`${text}: ${JSON.stringify(answer.errors)}`);
    return { message: answer.data.sendMessage.message as SentMessage, tries };
  }

  const done = Promise.all(Array.from({ length: lanes }, (_, lane) => sendInLane(lane)));
  done.catch(() => {}); // told by goesOn() and stop()
  return {
    acknowledged,
    retried,
    get unanswered() {
      return unanswered;
    },
    async goesOn(count) {
      const goal = acknowledged.length + count;
      const reached = eventually(() => acknowledged.length >= goal, { withinMs: ANSWERED_WITHIN_MS });
      await Promise.race([reached, done]);
    },
    async stop() {
      going = false;
      await done;
    },
    async [Symbol.asyncDispose]() {
      going = false;
      givenUp = true;
      await done.catch(() => {});
    },
  };
}

/** By lane, in order: equal for two records of the same messages only if neither lacks, repeats or reorders any. */
export function byLane(texts: readonly (string | undefined)[]): Record<string, (string | undefined)[]> {
  const lanes: Record<string, (string | undefined)[]> = {};
  for (const text of texts) {
    const lane = text?.split('/')[0] ?? '';
    lanes[lane] ??= [];
    lanes[lane].push(text);
  }
  return lanes;
}

export const textsOf = (events: readonly InboxEvent[]): (string | undefined)[] =>
  events.map((event) => (event.__typename === 'MessageSent' ? event.message?.messageText : event.__typename));
