import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import { type LoggedServer, namesOf, startLoggedServer } from '../support/logged-server.ts';
import { connect } from './exchange.ts';
import { casesOf, idsFor } from './foreign.ts';
import { questionsOf, together } from './questions.ts';
import { type Population, populate } from './viewers.ts';
import { World } from './world.ts';

const DOCUMENTS = together(questionsOf(schema).filter(({ operation }) => operation !== 'subscription'));

let server: LoggedServer;
let world: World;
let population: Population;
beforeAll(async () => {
  server = await startLoggedServer({ EVENT_BUS: 'memory' });
  world = await World.onOneNode(server);
  population = await populate(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('it takes the same statements to find that something is not theirs as that it does not exist', async () => {
  const { alices, bobs, viewers } = population;
  const { authorization, own } = viewers['a stranger'];
  await using connection = await connect('JSON over HTTP', world.url, authorization);
  let statements = 0;
  for (const { what, foreign, missing } of casesOf(idsFor(own, alices, bobs), DOCUMENTS, own)) {
    const [found, none] = [
      namesOf(await server.log.during(() => connection.ask(foreign))),
      namesOf(await server.log.during(() => connection.ask(missing))),
    ];
    expect({ what, statements: found }).toEqual({ what, statements: none });
    statements += found.length;
  }
  expect(statements).toBeGreaterThan(50);
});
