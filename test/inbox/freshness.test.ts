import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { send } from '../support/messages.ts';
import { createPeople } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { follow } from '../support/subscriber.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('each event shows its message as it is then, though the one before showed the same message', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  await using recording = await follow(bob.client);
  await send(alice, bob, 'version 0');
  await recording.reaches(1);

  for (let version = 1; version <= 3; version++) {
    await server.pool.query('UPDATE messages SET message_text = $2 WHERE sender_id = $1', [
      alice.row,
      `version ${version}`,
    ]);
    expect((await recording.reaches(1 + version)).at(-1)).toMatchObject({
      messages: [{ messageText: `version ${version}` }],
    });
  }
});

test('a renamed user has the new name in the next event', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  await using recording = await follow(bob.client);
  await send(alice, bob, 'before');
  expect(await recording.reaches(1)).toMatchObject([{ message: { sender: { username: alice.name } } }]);

  await server.pool.query(`UPDATE users SET username = 'renamed' WHERE id = $1`, [alice.row]);
  await send(alice, bob, 'after');

  expect((await recording.reaches(2)).at(-1)).toMatchObject({ message: { sender: { username: 'renamed' } } });
});
