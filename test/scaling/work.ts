import { expect } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { byLane, keepSending, textsOf } from '../support/keep-sending.ts';
import { load } from '../support/mailbox.ts';
import { markRead, send } from '../support/messages.ts';
import { messagesBetween, walkForward } from '../support/pages.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { cursorOf, follow, type InboxEvent } from '../support/subscriber.ts';

const LANES = 8;
const PAGE = 50;
const LAST = 'last';
/** Longer than what is done to the servers lasts. */
const NEWS_WITHIN_MS = 20_000;

type Place = Pick<TestServer, 'url' | 'pool'>;

/**
 * Sends, pages, marks as read, loads whole inboxes and follows one, all at once and on both nodes, while `meanwhile` does
 * something to them; then nothing may be lost, doubled or out of order.
 * @param mayFail whether an operation may be answered with UNAVAILABLE, or not at all
 * @returns how many sends were answered so
 */
export async function workWhile(
  nodes: readonly [Place, Place],
  mayFail: boolean,
  meanwhile: (goesOn: () => Promise<void>) => Promise<void>,
): Promise<number> {
  const [ann, ben] = await createPeople(nodes[0], 'ann', 'ben');
  const onTurn = (person: Person, turn: number) => onNode(person, nodes[turn % 2] as Place);
  const start = await cursorOf(ben.client);
  const followed: InboxEvent[] = [];
  const failures: unknown[] = [];
  let going = true;

  async function again(work: (turn: number) => Promise<unknown>) {
    for (let turn = 0; going; turn++)
      await work(turn).catch((error: Error) => {
        if (!mayFail || !/UNAVAILABLE|fetch failed/.test(error.message)) failures.push(error);
      });
  }

  await using sending = keepSending([onTurn(ann, 0), onTurn(ann, 1)], ben, LANES);
  const others = [
    again((turn) => markRead(onTurn(ben, turn), ann)),
    again((turn) => walkForward(messagesBetween(onTurn(ann, turn), ben), PAGE)),
    again(async (turn) => {
      const { unreadCount, unreadInConversations } = await load(onTurn(ben, turn).client);
      expect(unreadCount).toBe(unreadInConversations);
    }),
    // Cut at the first news, and then from one node to the other.
    again(async (turn) => {
      const after = followed.at(-1)?.cursor ?? start;
      await using device = await follow(onTurn(ben, turn).client, { after });
      await device.until(({ length }) => length > 0 || device.ended, NEWS_WITHIN_MS);
      followed.push(...device.events);
    }),
  ];
  try {
    await meanwhile(() => sending.goesOn(100));
    await sending.stop();
  } finally {
    going = false;
    // Whoever waits for news gets some.
    await send(ann, ben, LAST);
    await Promise.all(others);
  }
  expect(failures).toEqual([]);

  const sent = byLane([...sending.acknowledged.map(({ messageText }) => messageText), LAST]);
  await using rest = await follow(ben.client, { after: followed.at(-1)?.cursor ?? start });
  const told = () =>
    textsOf([...followed, ...rest.events].filter(({ __typename }) => __typename === 'MessageSent'));
  await eventually(() => told().includes(LAST));
  expect(byLane(told())).toEqual(sent);
  return sending.unanswered;
}
