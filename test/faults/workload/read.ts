import { setTimeout as delay } from 'node:timers/promises';
import { MARK_READ } from '../../support/messages.ts';
import type { Inbox, Write } from '../history/event.ts';
import type { Random } from '../random.ts';
import { ask } from './ask.ts';
import { attempt } from './attempt.ts';
import { look } from './look.ts';
import { anyNode, type Person, type Scene } from './scene.ts';

const UP_TO_ONE = 0.4;
/** How much rarer than sending: so many messages come for each look. */
const PACES_A_LOOK = 4;

/** Looks, and marks something of what is there as read, again and again until the curtain falls. */
export async function keepReading(scene: Scene, viewer: Person, random: Random): Promise<void> {
  for (let count = 0; !scene.curtain.aborted; count++) {
    const seen = await look(anyNode(scene, random).url, viewer);
    if ('cursor' in seen) {
      scene.history.note({ type: 'snapshot', device: null, final: false, ...seen });
      await markSomething(scene, viewer, seen, `${viewer.name} marks ${count}`, random);
    }
    await delay(random.between(0, 2 * PACES_A_LOOK * scene.paceMs));
  }
}

/** Once: whether it was done is not asked again. */
async function markSomething(
  scene: Scene,
  viewer: Person,
  { messages }: Inbox,
  op: string,
  random: Random,
): Promise<void> {
  const peer = random.pick(scene.people.filter(({ name }) => name !== viewer.name));
  const theirs = messages.filter(({ sender }) => sender === peer.name);
  const upTo = theirs.length > 0 && random.chance(UP_TO_ONE) ? random.pick(theirs).id : null;
  const write: Write = { kind: 'mark', viewer: viewer.name, peer: peer.name, upTo };
  const { url } = anyNode(scene, random);
  await attempt(scene, { op, attempt: 0, write }, async () => {
    const reply = await ask(url, viewer.name, MARK_READ, { input: { with: peer.id, upTo } });
    return 'data' in reply ? { outcome: 'done' } : reply;
  });
}
