import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import type { Person } from '../support/people.ts';
import { connect } from './exchange.ts';
import { inquire } from './inquiry.ts';
import { questionsOf, together } from './questions.ts';
import { World } from './world.ts';

const DOCUMENTS = together(questionsOf(schema));

let world: World;
beforeAll(async () => {
  world = await World.onTwoNodes();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test.each([
  ['receiver', 'sender_id', 'receiver_id'],
  ['sender', 'receiver_id', 'sender_id'],
])(
  'who was the %s of messages before another program gave them to someone else is shown nothing of what they are now',
  async (_, kept, given) => {
    const people = await Promise.all(['dave', 'erin', 'frank'].map((name) => world.createPerson(name)));
    const [dave, erin, frank] = people as [Person, Person, Person];
    const [daves, erins] = await world.correspond(dave, erin);
    const secret = `secret-${randomUUID()}`;
    world.secrets.keep(secret, [dave.row, frank.row]);
    const { rowCount } = await world.server.pool.query(
      `UPDATE messages SET ${given} = $3, message_text = $4 || id WHERE ${kept} = $1 AND ${given} = $2`,
      [dave.row, erin.row, frank.row, secret],
    );
    expect(rowCount).toBeGreaterThan(3);

    const events = await world.countEvents(erin.row);
    const viewer = await world.viewer(erins);
    await using connection = await connect('WebSocket', world.url, viewer.authorization);
    let shown = 0;
    const { faults } = await inquire(
      // What erin has sent, and what dave has.
      { connection, viewer, documents: DOCUMENTS, about: () => [daves, erins], secrets: world.secrets },
      (_question, _about, outcome) => {
        if (outcome.includes('shown')) shown++;
        return null;
      },
      { enough: ({ length }) => length >= events },
    );
    expect(faults).toEqual([]);
    // Erin is still shown what is erin's.
    expect(shown).toBeGreaterThan(0);
  },
);
