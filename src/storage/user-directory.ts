import { createHash, randomUUID } from 'node:crypto';
import type { UserId } from '../messaging/ids.ts';
import type { UserDirectory } from '../messaging/ports.ts';
import { translatingErrors } from './errors.ts';
import type { Executor } from './executor.ts';
import type { PrismaClient } from './generated/client.ts';
import { USERS_GONE } from './statements/users.ts';

export function userDirectory(prisma: PrismaClient, executor: Executor): UserDirectory {
  async function find(externalId: string): Promise<UserId | null> {
    const user = await translatingErrors(() =>
      prisma.user.findUnique({ where: { externalId }, select: { id: true } }),
    );
    return user && (user.id as UserId);
  }

  return {
    find,
    async provision(externalId, username) {
      // Someone else may have the name; and someone who knows how the next one is made may have taken that, too.
      const suffix = createHash('sha256').update(externalId).digest('hex').slice(0, 8);
      for (const name of [username, `${username}-${suffix}`, `${username}-${randomUUID()}`]) {
        // ON CONFLICT DO NOTHING: Prisma's upsert fails with P2002 when many requests bring the same new user.
        await translatingErrors(() =>
          prisma.user.createMany({ data: [{ externalId, username: name }], skipDuplicates: true }),
        );
        const id = await find(externalId);
        if (id !== null) return id;
      }
      throw new Error(`No free username for ${JSON.stringify(externalId)}`);
    },
    async gone(users) {
      const ids = users.map(({ id }) => id);
      const externalIds = users.map(({ externalId }) => externalId);
      const places = new Set(await executor.run(USERS_GONE, [ids, externalIds]));
      return users.filter((_, place) => places.has(place));
    },
  };
}
