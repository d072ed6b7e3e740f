import pg from 'pg';

const asText = (value) => value;

/** Sized like Parley's, and like it without a Date for each timestamp. */
export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_POOL_SIZE),
  options: '-c TimeZone=UTC',
});

/**
 * Runs a prepared statement, and gives its rows as arrays of texts: what pg would make of them (numbers, objects by
 * column name) is not needed for JSON.
 */
export async function run({ name, text }, values) {
  const { rows } = await pool.query({
    name,
    text,
    values,
    rowMode: 'array',
    types: { getTypeParser: () => asText },
  });
  return rows;
}

/** PostgreSQL's text for a time in UTC, as RFC 3339 with microseconds. */
export function timestampOf(text) {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(6, '0')}Z`;
}
