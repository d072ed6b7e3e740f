import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './error.ts';
import { writeOwnedFile } from './owned-file.ts';
import { isAlive } from './process.ts';
import { run, tailOf } from './program.ts';
import { SETTINGS_FILE, type Settings } from './settings.ts';
import { dataIn, passwordIn, type Site, USER } from './site.ts';

const PASSWORD_BYTES = 24;

/** Makes the server's home unless it is there. It is made beside its place and moved there when it is complete. */
export async function initialize(
  site: Site,
  settings: Settings,
  onProgress: (line: string) => void,
): Promise<void> {
  await removeAbandonedDrafts(site.home);
  if (await stat(site.home).catch(() => undefined)) return checkVersion(site);
  onProgress('Creating the database (first start, takes a few seconds)…');
  const draft = `${site.home}.creating-${process.pid}`;
  try {
    await createHome(site, settings, draft);
    await rename(draft, site.home);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // another process was faster: theirs is as good
  }
}

async function createHome({ account, binaries }: Site, settings: Settings, draft: string): Promise<void> {
  await mkdir(draft, { mode: 0o700 });
  if (account !== undefined) await chown(draft, account.uid, account.gid);
  await writeOwnedFile(passwordIn(draft), randomBytes(PASSWORD_BYTES).toString('hex'), account);
  const { exitCode, output } = await run(
    binaries.initdb,
    [
      `--pgdata=${dataIn(draft)}`,
      `--username=${USER}`,
      `--pwfile=${passwordIn(draft)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorts by code point, the same on every machine and after every update of the system's libraries.
      '--locale=C',
      '--data-checksums',
      ...(settings['fsync'] === 'off' ? ['--no-sync'] : []),
    ],
    account,
  );
  if (exitCode !== 0) {
    throw new Error(`initdb failed and said:\n${tailOf(output)}`);
  }
  const configuration = join(dataIn(draft), 'postgresql.conf');
  const text = await readFile(configuration, 'utf8');
  await writeOwnedFile(
    configuration,
    `${text}\n# Parley's own, written anew at each start. Yours go below.\ninclude '${SETTINGS_FILE}'\n`,
    account,
  );
}

async function checkVersion({ home, binaries, directory }: Site): Promise<void> {
  const file = join(dataIn(home), 'PG_VERSION');
  const major = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (major === binaries.major) return;
  if (major === '') {
    throw new EmbeddedPostgresError(
      'START_FAILED',
      `${home} does not hold a complete database (there is no ${file}): put it back from a backup, or move the folder away to start with an empty one.`,
    );
  }
  throw new EmbeddedPostgresError(
    'OTHER_MAJOR_VERSION',
    `The database in ${directory} was made by PostgreSQL ${major}, and this Parley brings PostgreSQL ${binaries.major}: move ${home} away to start with an empty one, or move the data with PostgreSQL ${major}'s pg_dump.`,
  );
}

/** What starts have left that died halfway; a draft of a process that still works on it stays. */
async function removeAbandonedDrafts(home: string): Promise<void> {
  const prefix = `${basename(home)}.creating-`;
  for (const name of await readdir(dirname(home))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length));
    // Our own number: in a container every start may get the same one.
    if (pid === process.pid || !isAlive(pid)) {
      // Its initdb may be about to notice that nobody listens, and write until then.
      await rm(join(dirname(home), name), { recursive: true, force: true, maxRetries: 10 });
    }
  }
}
