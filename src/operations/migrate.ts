import { loadDirectUrl } from '../config.ts';
import { runCommand } from '../lib/command.ts';
import { applyMigrations } from '../storage/migrations/apply.ts';

/** `npm run db:migrate`: applies pending migrations and names each one. */
async function migrate(): Promise<void> {
  const databaseUrl = loadDirectUrl();
  if (databaseUrl === null) throw new Error('DATABASE_URL is missing: which database shall be migrated?');
  const { applied } = await applyMigrations(databaseUrl);
  process.stdout.write(
    applied.length === 0 ? 'nothing to apply\n' : applied.map((name) => `applied ${name}\n`).join(''),
  );
}

await runCommand(migrate);
