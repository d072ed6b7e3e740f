import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { asAdmin } from './database.ts';
import { onDatabase } from './database-url.ts';
import { adminUrl } from './environment.ts';

/** Runs `work` on a database that nobody has migrated yet. */
export async function onEmptyDatabase(
  work: (url: string, client: pg.Client) => Promise<void>,
): Promise<void> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (admin) => {
    await admin.query(`CREATE DATABASE ${name}`);
    const url = onDatabase(adminUrl(), name);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await work(url, client);
    } finally {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });
}
