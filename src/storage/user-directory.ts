import { createHash, randomUUID } from 'node:crypto';
import { batchPerTick } from '../lib/batch-per-tick.ts';
import type { UserId } from '../messaging/ids.ts';
import type { UserDirectory } from '../messaging/ports.ts';
import { translatingErrors } from './errors.ts';
import type { Executor } from './executor.ts';
import type { PrismaClient } from './generated/client.ts';
import { USERS_BY_EXTERNAL_ID, USERS_GONE } from './statements/users.ts';

/** Users whom one statement looks up at most. */
const MAX_FOUND = 1_000;

export function userDirectory(prisma: PrismaClient, executor: Executor): UserDirectory {
  // When thousands come back at once, each is looked up.
  const find = batchPerTick((externalIds: readonly string[]) => findAll(executor, externalIds), {
    maxSize: MAX_FOUND,
    key: (externalId) => externalId,
  });

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

async function findAll(executor: Executor, externalIds: readonly string[]) {
  const found = new Map<string, UserId>();
  for (const { id, externalId } of await executor.run(USERS_BY_EXTERNAL_ID, [externalIds]))
    found.set(externalId, id);
  return externalIds.map((externalId) => found.get(externalId) ?? null);
}
