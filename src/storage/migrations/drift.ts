import { denormalize } from '../scaling/denormalizing/denormalize.ts';
import { FEED } from '../scaling/materializing/feed.ts';
import { materialize } from '../scaling/materializing/materialize.ts';
import { convert } from '../scaling/partitioning/convert.ts';
import { type Month, monthOfPartition } from '../scaling/partitioning/months.ts';
import { withSession } from '../scaling/session.ts';
import { applyMigrations } from './apply.ts';
import { diffFromSchema } from './diff.ts';
import { compareFingerprints, type Fingerprint, readFingerprint } from './fingerprint.ts';

/** What disagrees: nothing when both are empty. */
export interface Drift {
  /** What Prisma would change in a migrated database to make it `schema.prisma`, a line each. */
  readonly schema: readonly string[];
  /** How the given database differs from a migrated one; see `compareFingerprints`. */
  readonly database: readonly string[];
}

/**
 * Compares `schema.prisma` with what the migrations make of an empty database, and `databaseUrl` with that
 * same database.
 * @param scratchUrl an empty database, which it migrates
 * @param databaseUrl the one to judge, if any; only read
 * @throws {MigrationError} when one of them cannot be migrated or read
 */
export async function findDrift(scratchUrl: string, databaseUrl: string | undefined): Promise<Drift> {
  await applyMigrations(scratchUrl);
  const schema = (await diffFromSchema(scratchUrl))?.split('\n') ?? [];
  if (databaseUrl === undefined) return { schema, database: [] };
  const found = await readFingerprint(databaseUrl);
  await giveFormOf(found, scratchUrl);
  return { schema, database: compareFingerprints(await readFingerprint(scratchUrl), found) };
}

/** Partitions, usernames in messages, and a view of both are other forms of the same tables. */
async function giveFormOf(found: Fingerprint, databaseUrl: string): Promise<void> {
  const watcher = { onStep: () => {}, tell: () => {} };
  const { signal } = new AbortController();
  const months = monthsIn(found);
  await withSession(databaseUrl, async (session) => {
    if (months !== null) await convert(session, 'partitioned', watcher, signal, months);
    if (found.has('trigger users.user_renamed')) await denormalize(session, watcher, signal);
    if (found.has(`table ${FEED}`)) await materialize(session, watcher, signal);
  });
}

/** `null` where `messages` is one table. */
function monthsIn(found: Fingerprint): readonly Month[] | null {
  if (!found.get('table messages')?.startsWith('partitioned')) return null;
  return [...found.keys()].flatMap((object) => monthOfPartition(object.replace(/^table /, '')) ?? []);
}
