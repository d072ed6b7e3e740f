import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeUnless } from '../support/describe-unless.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { load } from '../support/mailbox.ts';
import { markRead, SEND } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { mountSmallDisk, noSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { cursorOf, follow, type InboxEvent } from '../support/subscriber.ts';

/** Does not compress, so that the pages that PostgreSQL has left are soon full. */
const LONG = Array.from({ length: 9_990 }, (_, i) =>
  String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000)),
).join('');

const messageIn = (event: InboxEvent) =>
  event.__typename === 'MessageSent' && event.message !== null ? [event.message.id] : [];

/** By PostgreSQL's own word, in a server's log. */
const filesThatDidNotGrow = ({ log }: NodeProcess) =>
  new Set(
    log.flatMap((line) => /could not extend file [^:]+: No space left on device/.exec(line)?.[0] ?? []),
  );

describeUnless(noSmallDisk, 'A full disk is')('with the disk of the database full', () => {
  let disk: SmallDisk;
  let postgres: OwnCluster;
  let nodes: readonly [NodeProcess, NodeProcess];
  let [alice, bob] = [] as unknown as [Person, Person];
  beforeAll(async () => {
    disk = await mountSmallDisk();
    postgres = await startOwnCluster({ tablesIn: disk.directory });
    nodes = await Promise.all([startNodeProcess(postgres.url), startNodeProcess(postgres.url)]);
    [alice, bob] = await createPeople({ url: nodes[0].url, pool: postgres.pool }, 'alice', 'bob');
  });
  afterAll(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
    await disk[Symbol.asyncDispose]();
  });

  const sendNumber = (i: number, text: string) =>
    onNode(alice, nodes[i % 2] as NodeProcess).client.ask(SEND, {
      input: { receiverId: bob.id, messageText: `${i} ${text}`, idempotencyKey: `${i}` },
    });

  test('sends are UNAVAILABLE and leave nothing half written, reads go on, and with room again so do sends', async () => {
    const start = await cursorOf(bob.client);
    await using followed = await follow(bob.client, { after: start });
    await using elsewhere = await follow(onNode(bob, nodes[1]).client, { after: start });
    let sent = 0;
    // Each table has a page by then: what is refused later has begun to be written.
    for (; sent < 10; sent++) expect((await sendNumber(sent, LONG)).errors).toBeUndefined();
    await disk.fill();

    const refused: [number, string][] = [];
    // Long ones need room for their texts, short ones for everything else.
    for (const [text, refusals] of [
      [LONG, 5],
      ['', 15],
    ] as const)
      while (refused.length < refusals) {
        const { errors } = await sendNumber(sent, text);
        if (errors !== undefined) {
          expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
          refused.push([sent, text]);
        }
        sent++;
      }
    expect(filesThatDidNotGrow(nodes[0]).size).toBeGreaterThan(1);
    expect(filesThatDidNotGrow(nodes[1]).size).toBeGreaterThan(1);
    expect(await problemsIn(postgres.pool)).toEqual([]);
    expect((await load(bob.client)).unreadCount).toBe(sent - refused.length);
    expect((await fetch(new URL('/health/live', nodes[0].url))).status).toBe(200);

    await disk.makeRoom();
    for (const each of refused) expect((await sendNumber(...each)).errors).toBeUndefined();
    expect((await markRead(bob, alice)).markedCount).toBe(sent);
    const events = await followed.until((all) => all.at(-1)?.__typename === 'MessagesRead', 15_000);
    expect(new Set(events.flatMap(messageIn)).size).toBe(sent);
    const cursors = (await elsewhere.reaches(events.length, 15_000)).map(({ cursor }) => cursor);
    expect(cursors).toEqual(followed.events.slice(0, cursors.length).map(({ cursor }) => cursor));
    expect([followed.errors, elsewhere.errors]).toEqual([[], []]);
    expect((await load(bob.client)).unreadCount).toBe(0);
    expect(await problemsIn(postgres.pool)).toEqual([]);
  }, 30_000);
});
