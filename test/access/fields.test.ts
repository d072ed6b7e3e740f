import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import { connect, TRANSPORTS, type Transport } from './exchange.ts';
import { inquire } from './inquiry.ts';
import { expectedOutcome, isAboutAnything, isFitForDeleted } from './policy.ts';
import { alone, type Question, questionsOf, together } from './questions.ts';
import { KINDS, type Population, populate } from './viewers.ts';
import { type Viewer, World } from './world.ts';

const QUESTIONS = questionsOf(schema).filter(({ operation }) => operation !== 'subscription');

let world: World;
let population: Population;
beforeAll(async () => {
  world = await World.onTwoNodes();
  population = await populate(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function inquiryOf(viewer: Viewer, transport: Transport) {
  const { alices, bobs } = population;
  const about = (question: Question) => (isAboutAnything(question) ? [alices, bobs] : [viewer.own]);
  // To see both: what is refused takes nothing else with it, and what is shown brings nothing else with it.
  const documents = (transport === 'Server-Sent Events' ? together : alone)(QUESTIONS);
  return { viewer, about, documents, secrets: world.secrets };
}

describe.each(TRANSPORTS)(
  `of ${QUESTIONS.length} ways to a field, over %s, the policy decides for`,
  (transport) => {
    test.each(KINDS)('%s', async (kind) => {
      const viewer = population.viewers[kind];
      const connecting = connect(transport, world.url, viewer.authorization);
      if (transport === 'WebSocket' && viewer.state !== 'user')
        return expect(connecting).rejects.toMatchObject({ code: 4403 });
      await using connection = await connecting;
      const { answered, faults } = await inquire(
        { ...inquiryOf(viewer, transport), connection },
        (question, about, outcome) => {
          const expected = expectedOutcome(question, viewer, about);
          return outcome === expected ? null : `${outcome}, not ${expected}`;
        },
      );
      expect(answered).toBeGreaterThan(QUESTIONS.length);
      expect(faults).toEqual([]);
    });

    test('someone deleted a moment ago, whom the node still knows', async () => {
      const leaver = await world.createPerson('leaver');
      const [own] = await world.correspond(leaver, population.carol);
      const viewer = await world.viewer(own);
      await using connection = await connect(transport, world.url, viewer.authorization);
      const { answers } = await connection.ask({ query: '{ viewer { id } }', variables: {} });
      expect(answers).toEqual([{ data: { viewer: { id: leaver.id } } }]);
      await world.deleteUser(leaver);
      const inquiry = inquiryOf(viewer, transport);
      const { faults } = await inquire(
        { ...inquiry, about: (question) => [...inquiry.about(question), own], connection },
        (question, _, outcome) => (isFitForDeleted(question, outcome) ? null : outcome),
      );
      expect(faults).toEqual([]);
    });
  },
);
