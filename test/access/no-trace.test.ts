import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import { variablesOf } from './arguments.ts';
import { connect, type Exchange } from './exchange.ts';
import { ruleOf } from './policy.ts';
import { questionsOf, together } from './questions.ts';
import { type Kind, type Population, populate } from './viewers.ts';
import { type Viewer, World } from './world.ts';

/** A report counts everybody's messages; that is what it is for. */
const DOCUMENTS = together(
  questionsOf(schema).filter(({ steps: [{ parent, field }] }) => ruleOf(parent, field) !== 'administrators'),
);

const FEWEST_ANSWERS = 30;

let world: World;
let population: Population;
beforeAll(async () => {
  world = await World.onTwoNodes();
  population = await populate(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** All that this viewer is answered about themselves, and about alice and bob. */
async function look({ authorization, own, row }: Viewer): Promise<Exchange[]> {
  const events = await world.countEvents(row);
  const enough = ({ length }: Exchange['answers']) => length >= events;
  await using connection = await connect('WebSocket', world.url, authorization);
  const seen: Exchange[] = [];
  for (const document of DOCUMENTS)
    for (const about of [own, population.alices, population.bobs])
      seen.push(
        await connection.ask({ query: document.query, variables: variablesOf(document, about) }, enough),
      );
  return seen;
}

describe('not one byte changes, whatever happens between two others,', () => {
  test.each<Kind>(['a stranger', 'an administrator'])('of all that is answered to %s', async (kind) => {
    const { viewers, alices, bobs } = population;
    const viewer = viewers[kind];
    // The first time they send what they then find sent.
    await look(viewer);
    const before = await look(viewer);
    await world.correspond(alices.owner, bobs.owner);
    const after = await look(viewer);
    expect(after).toEqual(before);
    expect(before.length).toBeGreaterThan(FEWEST_ANSWERS);
    expect(before.filter(({ answers }) => answers.some(({ data }) => data)).length).toBeGreaterThan(
      FEWEST_ANSWERS,
    );
  });

  test('but of what is answered to the two it does', async () => {
    const { viewers, alices, bobs } = population;
    const viewer = viewers['one participant'];
    const before = await look(viewer);
    await world.correspond(alices.owner, bobs.owner);
    expect(await look(viewer)).not.toEqual(before);
  });
});
