import { applyMigrations } from '../storage/migrations/apply.ts';

// biome-ignore lint/style/noProcessEnv: migrating needs this one address, not the settings of a whole server.
const { DATABASE_DIRECT_URL, DATABASE_URL } = process.env;

/** `npm run db:migrate`: applies pending migrations and names each one. */
async function migrate(databaseUrl: string | undefined): Promise<void> {
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: which database shall be migrated?');
  const { applied } = await applyMigrations(databaseUrl);
  process.stdout.write(
    applied.length === 0 ? 'nothing to apply\n' : applied.map((name) => `applied ${name}\n`).join(''),
  );
}

try {
  await migrate(DATABASE_DIRECT_URL || DATABASE_URL);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
