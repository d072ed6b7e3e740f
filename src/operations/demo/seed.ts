import type { PrismaClient } from '../../storage/generated/client.ts';
import { PEOPLE, type PersonName } from './people.ts';
import { dayAt } from './time.ts';
import { demoTimeline } from './timeline.ts';

// Some 350 rows take well under a second; the first start of a small machine is busy with other things too.
const TRANSACTION_TIMEOUT_MS = 60_000;

const JOINED_AT_HOUR = 18;

/**
 * Fills an empty database with a few people and their conversations, up to some minutes before `now`: all of it or,
 * when there is any user already, nothing.
 * @returns how many were added
 */
export function seedDemo(prisma: PrismaClient, now: Date): Promise<{ users: number; messages: number }> {
  return prisma.$transaction(
    async (tx) => {
      if (await tx.user.findFirst({ select: { id: true } })) return { users: 0, messages: 0 };

      const users = await tx.user.createManyAndReturn({
        data: PEOPLE.map(({ name, joinedDaysAgo }) => ({
          externalId: name,
          username: name,
          createdAt: dayAt(now, -joinedDaysAgo, JOINED_AT_HOUR, 0),
        })),
        select: { id: true, username: true },
      });
      const ids = new Map(users.map(({ username, id }) => [username, id]));
      const idOf = (name: PersonName) => ids.get(name) as number;

      const messages = await tx.message.createMany({
        data: demoTimeline(now).map(({ sender, receiver, text, createdAt, isRead }) => ({
          senderId: idOf(sender),
          receiverId: idOf(receiver),
          messageText: text,
          createdAt,
          isRead,
        })),
      });
      return { users: users.length, messages: messages.count };
    },
    { timeout: TRANSACTION_TIMEOUT_MS },
  );
}
