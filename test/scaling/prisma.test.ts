import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPrisma } from '../../src/storage/prisma.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createUsers } from '../support/server.ts';
import { createTestPool } from '../support/test-pool.ts';
import { convertTo } from './conversion.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await convertTo('partitioned', database.url);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test('Prisma writes, finds, changes and deletes messages in partitions', async () => {
  const [alice, bob] = (await createUsers(database.pool, 'alice', 'bob')) as [number, number];
  await using pool = createTestPool(database.url, 2);
  const prisma = createPrisma(pool);
  const message = await prisma.message.create({
    data: { senderId: alice, receiverId: bob, messageText: 'hello' },
    include: { sender: true },
  });
  expect(message).toMatchObject({
    id: 1,
    messageText: 'hello',
    isRead: false,
    sender: { username: 'alice' },
  });
  expect(await prisma.message.findMany({ where: { receiverId: bob }, orderBy: { id: 'desc' } })).toHaveLength(
    1,
  );
  await prisma.message.update({ where: { id: message.id }, data: { isRead: true } });
  expect(await prisma.user.findUnique({ where: { id: bob }, include: { received: true } })).toMatchObject({
    received: [{ id: 1, isRead: true }],
  });
  await prisma.message.delete({ where: { id: message.id } });
  expect(await prisma.message.count()).toBe(0);
});

test('Prisma shows an id that an INT has no room for', async () => {
  const [carol, dave] = await createUsers(database.pool, 'carol', 'dave');
  await database.pool.query(
    `INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES (3000000000, $1, $2, 'far')`,
    [carol, dave],
  );
  await using pool = createTestPool(database.url, 2);
  const [far] = await createPrisma(pool).message.findMany({ where: { senderId: carol as number } });
  expect(far).toMatchObject({ id: 3_000_000_000, messageText: 'far' });
});
