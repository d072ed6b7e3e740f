import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database[Symbol.asyncDispose]());

describe('the messages table is the promised one', () => {
  const rows = async (sql: string) => (await database.pool.query(sql)).rows;

  test('columns, types and defaults', async () => {
    const columns = await rows(`
      SELECT column_name AS name, data_type AS type, is_nullable AS nullable, column_default AS default
      FROM information_schema.columns WHERE table_name = 'messages' ORDER BY ordinal_position`);
    expect(columns).toEqual([
      { name: 'id', type: 'integer', nullable: 'NO', default: "nextval('messages_id_seq'::regclass)" },
      { name: 'sender_id', type: 'integer', nullable: 'NO', default: null },
      { name: 'receiver_id', type: 'integer', nullable: 'NO', default: null },
      { name: 'message_text', type: 'text', nullable: 'NO', default: null },
      { name: 'created_at', type: 'timestamp with time zone', nullable: 'NO', default: 'now()' },
      { name: 'is_read', type: 'boolean', nullable: 'NO', default: 'false' },
      // Parley's own addition, which no writer needs to know.
      { name: 'full_text', type: 'text', nullable: 'YES', default: null },
    ]);
  });

  test('keys and cascades', async () => {
    const keys = await rows(`
      SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint
      WHERE conrelid = 'messages'::regclass AND contype IN ('p', 'f', 'u') ORDER BY 1`);
    expect(keys.map(({ key }) => key)).toEqual([
      'FOREIGN KEY (receiver_id) REFERENCES users(id) ON DELETE CASCADE',
      'FOREIGN KEY (sender_id) REFERENCES users(id) ON DELETE CASCADE',
      'PRIMARY KEY (id)',
    ]);
  });

  test('its four named indexes', async () => {
    const indexes = await rows(`
      SELECT pg_get_indexdef(indexrelid) AS index FROM pg_index JOIN pg_class c ON c.oid = indexrelid
      WHERE relname IN ('idx_messages_sender', 'idx_messages_receiver', 'idx_messages_created', 'idx_msg_covering')
        AND indisvalid ORDER BY 1`);
    expect(indexes.map(({ index }) => index)).toEqual([
      'CREATE INDEX idx_messages_created ON public.messages USING btree (created_at)',
      'CREATE INDEX idx_messages_receiver ON public.messages USING btree (receiver_id)',
      'CREATE INDEX idx_messages_sender ON public.messages USING btree (sender_id)',
      'CREATE INDEX idx_msg_covering ON public.messages USING btree (sender_id, receiver_id) INCLUDE (message_text, created_at, is_read)',
    ]);
  });

  test("users' keys", async () => {
    const unique = await rows(`
      SELECT pg_get_indexdef(indexrelid) AS index FROM pg_index
      WHERE indrelid = 'users'::regclass AND indisunique ORDER BY 1`);
    expect(unique.map(({ index }) => /\((.*)\)/.exec(index)?.[1])).toEqual(['external_id', 'id', 'username']);
  });
});
