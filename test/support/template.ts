import pg from 'pg';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { onDatabase } from './database-url.ts';

export const TEMPLATE = 'parley_template';

/**
 * Migrates the database that every test's database is cloned from, and closes it for all but cloning.
 * @param prepare gets its address before that
 */
export async function createTemplate(
  adminUrl: string,
  prepare: (url: string) => Promise<unknown>,
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
    const url = onDatabase(adminUrl, TEMPLATE);
    await applyMigrations(url);
    await prepare(url);
    // One stray connection would make every clone fail.
    await admin.query(`ALTER DATABASE ${TEMPLATE} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
  } finally {
    await admin.end();
  }
}
