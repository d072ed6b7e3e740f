import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { schema } from '../../src/schema/schema.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { cursorOf } from '../support/subscriber.ts';
import { type Connection, connect, type Enough } from './exchange.ts';
import { type Circumstances, inquire, type Judge } from './inquiry.ts';
import { expectedOutcome, isFitForDeleted } from './policy.ts';
import { alone, type Document, questionsOf, together } from './questions.ts';
import { KINDS, type Population, populate, USERS } from './viewers.ts';
import { type Viewer, World } from './world.ts';

const QUESTIONS = questionsOf(schema).filter(({ operation }) => operation === 'subscription');
const TOGETHER = together(QUESTIONS);
const FROM_NOW_ON = { 'Subscription.inbox(after)': undefined };
const TRANSPORTS = ['Server-Sent Events', 'WebSocket'] as const;

let world: World;
let population: Population;
beforeAll(async () => {
  world = await World.onTwoNodes();
  population = await populate(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const viewerOf = (kind: (typeof KINDS)[number]) => population.viewers[kind];

/** Follows the viewer's inbox, once for each document. */
function follow(
  documents: readonly Document[],
  connection: Connection,
  viewer: Viewer,
  judge: Judge,
  circumstances: Circumstances = {},
) {
  return inquire(
    { connection, viewer, documents, about: () => [viewer.own], secrets: world.secrets },
    judge,
    { concurrency: documents.length, ...circumstances },
  );
}

/** As the policy has it; and every event has come, whether or not the question's kind. */
function asExpected(viewer: Viewer, events: number): Judge {
  return (question, about, outcome, { answers }) => {
    const expected = expectedOutcome(question, viewer, about);
    if (outcome !== expected) return `${outcome}, not ${expected}`;
    return outcome === 'shown' && answers.length !== events
      ? `${answers.length} events and not ${events}`
      : null;
  };
}

describe.each(TRANSPORTS)(
  `of ${QUESTIONS.length} ways to a field, over %s, the inbox shows their own`,
  (over) => {
    const documents = over === 'WebSocket' ? alone(QUESTIONS) : TOGETHER;

    test.each(KINDS)('from a cursor on, to %s', async (kind) => {
      const viewer = viewerOf(kind);
      const connecting = connect(over, world.url, viewer.authorization);
      if (over === 'WebSocket' && viewer.state !== 'user')
        return expect(connecting).rejects.toMatchObject({ code: 4403 });
      await using connection = await connecting;
      const events = await world.countEvents(viewer.row);
      const { answered, faults } = await follow(documents, connection, viewer, asExpected(viewer, events), {
        enough: ({ length }) => length > 0 && length >= events,
      });
      expect(answered).toBe(QUESTIONS.length);
      expect(faults).toEqual([]);
    });

    test('from a cursor on, nothing more to someone deleted a moment ago, whom the node still knows', async () => {
      const leaver = await world.createPerson('leaver');
      const left = await world.viewer((await world.correspond(leaver, population.carol))[0]);
      const after = await cursorOf(leaver.client);
      await using connection = await connect(over, world.url, left.authorization);
      await connection.ask({ query: '{ viewer { id } }', variables: {} });
      await world.deleteUser(leaver);
      const judge: Judge = (question, _, outcome) => (isFitForDeleted(question, outcome) ? null : outcome);
      const { answered, faults } = await follow(documents, connection, left, judge, {
        instead: { 'Subscription.inbox(after)': after },
      });
      expect(answered).toBe(QUESTIONS.length);
      expect(faults).toEqual([]);
    });

    test('as it happens, to all of them at once, and ends for who is deleted', async () => {
      const { carol, alices, bobs } = population;
      const leaver = await world.createPerson('leaver');
      const left = await world.viewer((await world.correspond(leaver, carol))[0]);
      const events = (await world.countEvents(left.row)) + 1;
      await using cleanup = new Cleanup();
      async function followLive(viewer: Viewer, judge: Judge) {
        const connection = cleanup.use(await connect(over, world.url, viewer.authorization));
        const enough: Enough = ({ length }) => length >= events;
        return { done: follow(TOGETHER, connection, viewer, judge, { instead: FROM_NOW_ON, enough }) };
      }

      const users = USERS.map(viewerOf);
      const following = await Promise.all(users.map((user) => followLive(user, asExpected(user, events))));
      const ending = await followLive(left, (_, _about, outcome) =>
        outcome.includes('shown') ? outcome : null,
      );
      const all = (users.length + 1) * TOGETHER.length;
      await eventually(async () => expect(await metric(world.url, 'parley_subscriptions')).toBe(all));
      await world.deleteUser(leaver);
      await world.correspond(alices.owner, bobs.owner);
      for (const kind of ['a stranger', 'an administrator'] as const)
        await world.correspond(viewerOf(kind).own.owner, carol);
      // Had anyone been given an event of others, they would stop before this one.
      for (const { own } of users) await send(carol, own.owner, 'the last');

      for (const { done } of [...following, ending]) {
        const { answered, faults } = await done;
        expect(answered).toBe(QUESTIONS.length);
        expect(faults).toEqual([]);
      }
    });
  },
);

test('as JSON over HTTP, nobody can follow anything', async () => {
  for (const viewer of USERS.map(viewerOf)) {
    await using connection = await connect('JSON over HTTP', world.url, viewer.authorization);
    const { faults } = await follow(TOGETHER, connection, viewer, (_, _about, outcome, { status }) =>
      status === 406 && outcome === 'nothing' ? null : `${status} ${outcome}`,
    );
    expect(faults).toEqual([]);
  }
});
