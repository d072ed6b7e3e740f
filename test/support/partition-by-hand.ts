import type { Pool } from 'pg';

/**
 * Makes `messages`, while it is empty, a table partitioned by month with BIGINT ids, and with the indexes that it had.
 * @param months such as `2026-01`; what is of no month goes into `messages_default`
 */
export async function partitionByHand(pool: Pool, months: readonly string[]): Promise<void> {
  const { rows } = await pool.query<{ definition: string }>(
    `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = 'messages'::regclass AND NOT indisprimary`,
  );
  await pool.query(`
    ALTER TABLE messages RENAME TO plain;
    CREATE TABLE messages (LIKE plain INCLUDING DEFAULTS) PARTITION BY RANGE (created_at);
    ALTER TABLE messages ALTER COLUMN id TYPE BIGINT;
    ALTER SEQUENCE messages_id_seq AS BIGINT OWNED BY messages.id;
    DROP TABLE plain;
    ALTER TABLE messages ADD PRIMARY KEY (id, created_at);
    ${rows.map(({ definition }) => definition).join(';\n')};
    CREATE TABLE messages_default PARTITION OF messages DEFAULT;
    ${months
      .map(
        (month) => `CREATE TABLE messages_${month.replace('-', '_')} PARTITION OF messages
        FOR VALUES FROM ('${month}-01') TO (timestamptz '${month}-01' + interval '1 month');`,
      )
      .join('\n')}`);
}
