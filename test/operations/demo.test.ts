import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conversations } from '../../src/operations/demo/conversations/all.ts';
import { DEMO_PEER, DEMO_VIEWER, PEOPLE } from '../../src/operations/demo/people.ts';
import { type Line, parseScript } from '../../src/operations/demo/script.ts';
import { seedDemo } from '../../src/operations/demo/seed.ts';
import { demoTimeline } from '../../src/operations/demo/timeline.ts';
import type { PrismaClient } from '../../src/storage/generated/client.ts';
import { createPrisma } from '../../src/storage/prisma.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const NOW = new Date(2026, 4, 20, 15, 30);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let database: TestDatabase;
let prisma: PrismaClient;
let seeded: Awaited<ReturnType<typeof seedDemo>>;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.pool);
  seeded = await seedDemo(prisma, NOW);
});

afterAll(async () => {
  await prisma?.$disconnect();
  await database?.[Symbol.asyncDispose]();
});

async function select<T>(sql: string): Promise<T[]> {
  return (await database.pool.query(sql)).rows;
}

describe('an empty database', () => {
  test('gets everybody, under the name that they sign in with', async () => {
    expect(seeded.users).toBe(PEOPLE.length);
    expect(await select('SELECT external_id, username FROM users ORDER BY id')).toEqual(
      PEOPLE.map(({ name }) => ({ external_id: name, username: name })),
    );
  });

  test('gets some hundreds of messages', async () => {
    expect(seeded.messages).toBeGreaterThanOrEqual(250);
    expect(seeded.messages).toBeLessThanOrEqual(400);
    expect(await prisma.message.count()).toBe(seeded.messages);
  });

  test('gives the viewer a conversation with everybody, the latest and longest with the closest contact', async () => {
    const rows = await select<{ peer: string; messages: number }>(`
      SELECT p.username AS peer, (SELECT count(*)::int FROM messages
        WHERE least(sender_id, receiver_id) = least(u.id, p.id)
          AND greatest(sender_id, receiver_id) = greatest(u.id, p.id)) AS messages
      FROM conversations c JOIN users u ON u.id = c.user_id JOIN users p ON p.id = c.peer_id
      WHERE u.username = '${DEMO_VIEWER}' ORDER BY c.last_created_at DESC`);
    expect(rows.map(({ peer }) => peer).sort()).toEqual(
      PEOPLE.map(({ name }) => name).filter((name) => name !== DEMO_VIEWER),
    );
    expect(rows[0]?.peer).toBe(DEMO_PEER);
    expect(rows[0]?.messages).toBeGreaterThan(120);
    expect(Math.max(...rows.map(({ messages }) => messages))).toBe(rows[0]?.messages);
  });

  test('counts what is unread', async () => {
    expect(
      await select(`
        SELECT u.username AS reader, p.username AS peer, unread_count
        FROM conversations c JOIN users u ON u.id = c.user_id JOIN users p ON p.id = c.peer_id
        WHERE unread_count > 0 ORDER BY 1, 2`),
    ).toEqual([
      { reader: 'alice', peer: 'bob', unread_count: 2 },
      { reader: 'alice', peer: 'carol', unread_count: 4 },
      { reader: 'bob', peer: 'alice', unread_count: 3 },
      { reader: 'carol', peer: 'bob', unread_count: 1 },
      { reader: 'dave', peer: 'alice', unread_count: 1 },
      { reader: 'dave', peer: 'erin', unread_count: 2 },
    ]);
  });

  test('has ids in the order of time, whole milliseconds, and no two messages at once', async () => {
    expect(
      await select(`
        SELECT id FROM (SELECT id, created_at, lag(created_at) OVER (ORDER BY id) AS before FROM messages) m
        WHERE created_at <= before OR created_at <> date_trunc('milliseconds', created_at)`),
    ).toEqual([]);
  });

  test('has nobody who writes before joining', async () => {
    expect(
      await select(`
        SELECT u.username FROM users u JOIN messages m ON u.id IN (m.sender_id, m.receiver_id)
        WHERE m.created_at < u.created_at`),
    ).toEqual([]);
  });

  test('stays as it is the second time', async () => {
    expect(await seedDemo(prisma, NOW)).toEqual({ users: 0, messages: 0 });
    expect(await prisma.message.count()).toBe(seeded.messages);
  });
});

test('a database with a single user in it gets nothing', async () => {
  await using other = await createTestDatabase();
  const client = createPrisma(other.pool);
  await client.user.create({ data: { externalId: 'zoe', username: 'zoe' } });
  expect(await seedDemo(client, NOW)).toEqual({ users: 0, messages: 0 });
  expect([await client.user.count(), await client.message.count()]).toEqual([1, 0]);
  await client.$disconnect();
});

describe('the timeline', () => {
  const timeline = demoTimeline(NOW);

  test('is the same each time', () => {
    expect(demoTimeline(NOW)).toEqual(timeline);
  });

  test('reaches from about seven months ago to a few minutes ago', () => {
    const age = (index: number) => NOW.getTime() - (timeline.at(index)?.createdAt.getTime() ?? 0);
    expect(age(0) / DAY_MS).toBeGreaterThan(200);
    expect(age(0) / DAY_MS).toBeLessThan(220);
    expect(age(-1)).toBeGreaterThan(MINUTE_MS);
    expect(age(-1)).toBeLessThan(10 * MINUTE_MS);
  });

  test('lets everybody sleep', () => {
    const hours = timeline.map(({ createdAt }) => createdAt.getHours());
    expect(hours.filter((hour) => hour >= 1 && hour < 6)).toEqual([]);
  });

  test('has texts that a message may have', () => {
    const unfit = timeline.filter(
      ({ text }) => text.trim() === '' || text.length > 10_000 || !text.isWellFormed() || text.includes('\0'),
    );
    expect(unfit).toEqual([]);
  });

  // Every 31 hours of a year: each hour of the day, either side of a change of clocks.
  test('keeps each conversation in order and in the past, whenever the first start is', () => {
    for (let hours = 0; hours < 365 * 24; hours += 31) {
      const now = new Date(NOW.getTime() + hours * 60 * MINUTE_MS);
      const written = demoTimeline(now);
      expect(written.at(-1)?.createdAt.getTime()).toBeLessThan(now.getTime());
      expect(written.length).toBe(conversations.flat().flatMap(({ lines }) => lines).length);
      for (const scenes of conversations) {
        const scripted = scenes.flatMap(({ lines }) => lines);
        const { sender, receiver } = scripted[0] as Line;
        const said = written.filter((line) => isBetween(line, sender, receiver));
        expect(said.map(({ text }) => text)).toEqual(scripted.map(({ text }) => text));
      }
    }
  });

  test('has been read up to some message, and not beyond', () => {
    for (const { name: sender } of PEOPLE)
      for (const { name: receiver } of PEOPLE) {
        const sent = timeline.filter((line) => line.sender === sender && line.receiver === receiver);
        const read = sent.map(({ isRead }) => isRead);
        expect(read).toEqual(read.toSorted((a, b) => Number(b) - Number(a)));
      }
  });
});

function isBetween({ sender, receiver }: Line, one: string, other: string): boolean {
  return (sender === one && receiver === other) || (sender === other && receiver === one);
}

describe('a script', () => {
  const parse = (script: string) => parseScript(['alice', 'bob'], script);

  test('says who says what to whom, and what has not been read', () => {
    const [scene] = parse('\n@ 3 days ago, 12:00\nalice: Hi: there\n\n*bob: One\n  Two\n\n    Three\n');
    expect(scene?.lines).toEqual([
      { sender: 'alice', receiver: 'bob', text: 'Hi: there', isRead: true },
      { sender: 'bob', receiver: 'alice', text: 'One\nTwo\n\n  Three', isRead: false },
    ]);
  });

  test.each([
    ['3 days ago, 21:40', new Date(2026, 4, 17, 21, 40)],
    ['1 day ago, 08:05', new Date(2026, 4, 19, 8, 5)],
    ['next day, 08:05', new Date(2026, 3, 2, 8, 5)],
    ['same day, 19:30', new Date(2026, 3, 1, 19, 30)],
    ['30 days later, 09:00', new Date(2026, 4, 1, 9, 0)],
    ['12 minutes ago', new Date(2026, 4, 20, 15, 18)],
  ])('starts a scene %s', (start, expected) => {
    expect(parse(`@ ${start}`)[0]?.start(new Date(2026, 3, 1, 12, 0), NOW)).toEqual(expected);
  });

  test.each([
    ['somebody else', '@ 3 days ago, 12:00\ncarol: Hello'],
    ['nobody', '@ 3 days ago, 12:00\nHello'],
    ['somebody before the first scene', 'alice: Hello'],
    ['a continuation of nothing', '@ 3 days ago, 12:00\n  Hello'],
  ])('is refused with a line by %s', (_, script) => {
    expect(() => parse(script)).toThrow('Not a line between alice and bob: ');
  });

  test('is refused with a time that is none', () => {
    expect(() => parse('@ once upon a time')).toThrow('Not a time at which a scene starts: once upon a time');
  });
});
