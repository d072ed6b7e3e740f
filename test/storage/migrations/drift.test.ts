import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { diffFromSchema } from '../../../src/storage/migrations/diff.ts';
import { findDrift } from '../../../src/storage/migrations/drift.ts';
import { keepMonthsAhead } from '../../../src/storage/scaling/partitioning/ahead.ts';
import { archive } from '../../../src/storage/scaling/partitioning/archive.ts';
import type { Month } from '../../../src/storage/scaling/partitioning/months.ts';
import { withSession } from '../../../src/storage/scaling/session.ts';
import { convertTo } from '../../scaling/conversion.ts';
import { makeFeed } from '../../scaling/feed.ts';
import { asAdmin, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { onEmptyDatabase } from '../../support/empty-database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => database[Symbol.asyncDispose]());

async function partitions(): Promise<string[]> {
  const { rows } = await database.pool.query(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent = 'messages'::regclass AND inhrelid::regclass::text ~ '\\d' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe('drift', () => {
  test('schema.prisma is what the migrations make', async () => {
    expect(await diffFromSchema(database.url)).toBeUndefined();
  });

  test('schema.prisma is told apart from a table with one more column', async () => {
    await database.pool.query('ALTER TABLE users ADD COLUMN nickname TEXT');
    expect(await diffFromSchema(database.url)).toMatch(/`users`[\s\S]*Removed column `nickname`/);
  });

  test('a migrated database has none, whatever its time zone', () =>
    onEmptyDatabase(async (scratch) => {
      await asAdmin(async (admin) => {
        await admin.query(
          `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET TimeZone = 'Asia/Tokyo'`,
        );
      });
      expect(await findDrift(scratch, database.url)).toEqual({ schema: [], database: [] });
    }));

  test('a database with partitions has none, whichever months have one', () =>
    onEmptyDatabase(async (scratch) => {
      await convertTo('partitioned', database.url, ['2026-01', '2026-02']);
      await keepMonthsAhead(database.pool, database.url, new AbortController().signal);
      expect((await partitions()).length).toBeGreaterThan(10);
      await withSession(database.url, (session) =>
        archive(
          session,
          '2026-02' as Month,
          () => {},
          () => {},
          new AbortController().signal,
        ),
      );
      expect(await partitions()).not.toContain('messages_2026_01');
      expect(await findDrift(scratch, database.url)).toEqual({ schema: [], database: [] });
    }));

  test.each(['plain', 'partitioned'] as const)(
    'one that is %s, with the view of the messages, has none',
    (form) =>
      onEmptyDatabase(async (scratch) => {
        await convertTo(form, database.url);
        await makeFeed(database.url);
        expect(await findDrift(scratch, database.url)).toEqual({ schema: [], database: [] });
      }),
  );

  test('a trigger that a partition lacks, and a further index, are each reported', () =>
    onEmptyDatabase(async (scratch) => {
      await convertTo('partitioned', database.url);
      const [first] = await partitions();
      await database.pool.query(`
        DROP TRIGGER messages_inserted ON ${first};
        CREATE INDEX further ON messages (is_read);`);
      const { database: lines } = await findDrift(scratch, database.url);
      expect(lines.filter((line) => line.startsWith('-'))).toEqual([
        expect.stringMatching(new RegExp(`^- trigger ${first}.messages_inserted: CREATE TRIGGER`)),
      ]);
      expect(lines).toContainEqual(expect.stringMatching(/^\+ index further: /));
    }));

  test('a column, a trigger, a function, an index and an option that changed by hand are each reported', () =>
    onEmptyDatabase(async (scratch) => {
      await database.pool.query(`
        ALTER TABLE users ADD COLUMN nickname TEXT;
        DROP TRIGGER user_deleted ON users;
        ALTER TABLE messages DISABLE TRIGGER messages_updated;
        DROP INDEX idx_msg_covering;
        CREATE INDEX idx_msg_covering ON messages (sender_id, receiver_id);
        ALTER TABLE conversations RESET (fillfactor);
        CREATE OR REPLACE FUNCTION users_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
          SET search_path FROM CURRENT AS 'BEGIN RETURN NULL; END';`);
      const { schema, database: lines } = await findDrift(scratch, database.url);
      expect(schema).toEqual([]);
      expect(lines).toEqual(
        expect.arrayContaining([
          '+ column users.nickname: text',
          expect.stringMatching(/^- trigger users\.user_deleted: CREATE TRIGGER/),
          expect.stringMatching(/^\+ trigger messages\.messages_updated: .* DISABLED$/),
          expect.stringMatching(
            /^- index idx_msg_covering: .* INCLUDE \(message_text, created_at, is_read\)$/,
          ),
          '- table conversations: plain WITH (fillfactor=50)',
          expect.stringMatching(/^- function users_truncated\(\): .*TRUNCATE inbox_heads/),
        ]),
      );
      const objects = new Set(lines.map((line) => /^. (\w+ [\w.]+)/.exec(line)?.[1]));
      expect(objects.size).toBe(6);
    }));
});
