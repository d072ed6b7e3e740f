import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDirectUrl } from '../config.ts';
import { runCommand } from '../lib/command.ts';
import { interruption } from '../lib/interruption.ts';
import { startEmbeddedPostgres } from '../storage/embedded/start.ts';
import { type Drift, findDrift } from '../storage/migrations/drift.ts';

/** Started by root, the server runs as another user, who has to get in. */
const PASSABLE = 0o711;

/** `npm run drift`: proves that schema.prisma, the migrations and, when one is set, the database say the same. */
async function drift(databaseUrl: string | undefined): Promise<Drift> {
  // From here on: a start that was cut off would leave a server behind.
  const interrupted = interruption();
  const directory = await mkdtemp(join(tmpdir(), 'parley-drift-'));
  try {
    await chmod(directory, PASSABLE);
    const scratch = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' } });
    try {
      return await Promise.race([findDrift(scratch.url, databaseUrl), interrupted]);
    } finally {
      await scratch.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function report({ schema, database }: Drift, compared: string): string {
  if (schema.length + database.length === 0) return `no drift: ${compared} agree\n`;
  const advice = (lines: readonly string[], heading: string) =>
    lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`)];
  return [
    ...advice(
      schema,
      'prisma/schema.prisma is not what the migrations make. Write a migration, or correct it, so that this is not needed:',
    ),
    ...advice(
      database,
      'The database is not what the migrations make (- missing, + not expected). Run npm run db:migrate if any are pending; else undo the change by hand, or make it a migration:',
    ),
    '',
  ].join('\n');
}

await runCommand(async () => {
  const databaseUrl = loadDirectUrl() ?? undefined;
  const found = await drift(databaseUrl);
  const compared = `schema.prisma, migrations${databaseUrl === undefined ? '' : ', database'}`;
  const clean = found.schema.length + found.database.length === 0;
  (clean ? process.stdout : process.stderr).write(report(found, compared));
  process.exitCode = clean ? 0 : 1;
});
