import { setTimeout as delay } from 'node:timers/promises';
import { SEND } from '../../support/messages.ts';
import type { Outcome, Write } from '../history/event.ts';
import type { Random } from '../random.ts';
import { ask } from './ask.ts';
import { attempt } from './attempt.ts';
import { anyNode, type Person, type Scene } from './scene.ts';

/** Enough for a round, and few enough that one response can show all messages of two people. */
const MAX_SENDS = 40;
/** For one message, with all tries. */
const ANSWER_WITHIN_MS = 60_000;
const RETRY_PAUSE_MS = 300;

const WITHOUT_KEY = 0.1;
const ON_BOTH_NODES = 0.1;
const LONG = 0.03;
/** Too long for the covering index, so that the whole of it is kept elsewhere. */
const LONG_TEXT = 'long '.repeat(1_200);

/** Sends to one after another until the curtain falls; each message again, with its key, until it is answered. */
export async function keepSending(scene: Scene, sender: Person, random: Random): Promise<void> {
  const others = scene.people.filter(({ name }) => name !== sender.name);
  for (let count = 0; count < MAX_SENDS && !scene.curtain.aborted; count++) {
    const op = `${sender.name} sends ${count}`;
    const text = random.chance(LONG) ? `${op} ${LONG_TEXT}` : `${op} ✉`;
    const receiver = random.pick(others);
    if (random.chance(WITHOUT_KEY))
      await sendOnce(scene, { op, text, sender, receiver, key: null }, 0, random);
    else await sendUntilAnswered(scene, { op, text, sender, receiver, key: op }, random);
    await delay(random.between(0, 2 * scene.paceMs));
  }
}

export interface Sending {
  readonly op: string;
  readonly text: string;
  readonly sender: Person;
  readonly receiver: Person;
  /** Without one it is tried once: again could be a second message. */
  readonly key: string | null;
}

async function sendUntilAnswered(scene: Scene, sending: Sending, random: Random): Promise<void> {
  const deadline = performance.now() + ANSWER_WITHIN_MS;
  for (let tries = 0; ; ) {
    const parallel = random.chance(ON_BOTH_NODES) ? 2 : 1;
    const outcomes = await Promise.all(
      Array.from({ length: parallel }, () => sendOnce(scene, sending, tries++, random)),
    );
    // `not done` of a message that may have been written: it has been deleted since.
    if (outcomes.some(({ outcome }) => outcome !== 'unknown')) return;
    if (performance.now() > deadline) {
      scene.history.note({
        type: 'gave up',
        who: sending.sender.name,
        waitingFor: `an answer to ${sending.op}`,
      });
      return;
    }
    await delay(random.between(0, RETRY_PAUSE_MS));
  }
}

export function sendOnce(scene: Scene, sending: Sending, tries: number, random: Random): Promise<Outcome> {
  const { op, text, sender, receiver, key } = sending;
  const write: Write = { kind: 'send', key, text, sender: sender.name, receiver: receiver.name };
  const { url } = anyNode(scene, random);
  return attempt(scene, { op, attempt: tries, write }, async () => {
    const input = { receiverId: receiver.id, messageText: text, idempotencyKey: key };
    const reply = await ask(url, sender.name, SEND, { input });
    return 'data' in reply ? { outcome: 'done', id: reply.data.sendMessage.message.id } : reply;
  });
}
