import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { readMigrations } from '../../src/storage/migrations/source.ts';
import { onDatabase } from '../../test/support/database-url.ts';
import type { Progress } from '../support/progress.ts';
import type { Content } from './contents.ts';
import { generate } from './generate.ts';

const SOURCES = ['contents.ts', 'generate.ts', 'corpus.ts', 'shape.ts'];
/** What the names of all copies begin with. */
const COPY = 'bench_copy';

/**
 * The database with that content: as an earlier run has left it, or built now. It must not be written to.
 * @returns its address
 */
export async function keptDatabase(adminUrl: string, content: Content, progress: Progress): Promise<string> {
  const { name } = content;
  const url = onDatabase(adminUrl, name);
  const stamp = await currentStamp();
  await withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ stamp: string | null }>(
      `SELECT shobj_description(oid, 'pg_database') AS stamp FROM pg_database WHERE datname = $1`,
      [name],
    );
    if (rows[0]?.stamp === stamp) return;
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${name}`);
    await applyMigrations(url);
    await withClient(url, (client) => generate(client, content, progress));
    // Last: what was interrupted before has no stamp, and is built again.
    await admin.query(`COMMENT ON DATABASE ${name} IS '${stamp}'`);
  });
  return url;
}

/** A copy that may be written to, and goes with what it was made for. @param number another one for each copy that is there */
export async function copyDatabase(
  adminUrl: string,
  url: string,
  number = 0,
): Promise<AsyncDisposable & { readonly url: string }> {
  const name = `${COPY}_${number}`;
  const drop = () =>
    withClient(adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  await drop();
  await withClient(adminUrl, (admin) =>
    admin.query(`CREATE DATABASE ${name} TEMPLATE ${new URL(url).pathname.slice(1)} STRATEGY file_copy`),
  );
  return {
    url: onDatabase(adminUrl, name),
    async [Symbol.asyncDispose]() {
      await drop();
    },
  };
}

/** Drops what a run that was killed has left. */
export async function dropCopies(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)`,
      [COPY],
    );
    for (const { name } of rows) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  });
}

/** Another one wherever the generator or the tables have changed. */
async function currentStamp(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES)
    hash.update(await readFile(fileURLToPath(new URL(source, import.meta.url)), 'utf8'));
  for (const { name, script } of await readMigrations()) hash.update(name).update(script);
  return hash.digest('hex');
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // whatever it reports, the query does too
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
