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
    const [, erins] = await world.correspond(dave, erin);
    const secret = `secret-${randomUUID()}`;
    world.secrets.keep(secret, [dave.row, frank.row]);
    const { rowCount } = await world.server.pool.query(
      `UPDATE messages SET ${given} = $3, message_text = $4 || id WHERE ${kept} = $1 AND ${given} = $2`,
      [dave.row, erin.row, frank.row, secret],
    );
    expect(rowCount).toBeGreaterThan(3);

    const { rows } = await world.server.pool.query('SELECT seq::int FROM inbox_heads WHERE user_id = $1', [
      erin.row,
    ]);
    const viewer = await world.viewer(erins);
    await using connection = await connect('WebSocket', world.url, viewer.authorization);
    const { faults } = await inquire(
      { connection, viewer, documents: DOCUMENTS, about: () => [erins], secrets: world.secrets },
      () => null,
      { enough: (events) => events.length >= rows[0].seq },
    );
    expect(faults).toEqual([]);
  },
);
