import type { Pool } from 'pg';

/** For each table of the product the number of its rows and a hash of all that is in them. */
export async function tableContents(pool: Pool): Promise<Record<string, string>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  const contents = tables.map(async ({ name }) => {
    const { rows } = await pool.query(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS content FROM ${name} t`,
    );
    return [name, rows[0].content];
  });
  return Object.fromEntries(await Promise.all(contents));
}
