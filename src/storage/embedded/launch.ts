import { readFile, rename } from 'node:fs/promises';
import { EmbeddedPostgresError } from './error.ts';
import { freePort } from './port.ts';
import { run, tailOf } from './program.ts';
import { rememberedPort, type Settings, writeSettings } from './settings.ts';
import { dataIn, logIn, type Site } from './site.ts';

/** Replaying the log after a crash of the machine may take its time. */
const START_TIMEOUT_SECONDS = 120;
const STOP_TIMEOUT_SECONDS = 60;

/** What can go wrong and right itself: a taken port, remains of a server that was killed, a server that came first. */
const PASSING =
  /could not (?:bind|create any TCP)|Address already in use|pre-existing shared memory block|lock file "postmaster.pid"/;

export type Launch = 'up' | 'try again';

/** Starts the server in a session of its own and waits until it accepts connections. */
export async function launch(site: Site, settings: Settings): Promise<Launch> {
  const { account, binaries, home } = site;
  await writeSettings(site, await freePort(await rememberedPort(site)), settings);
  // One log a start, so that it stays small; the one before may hold the reason of a crash.
  await rename(logIn(home), `${logIn(home)}.previous`).catch(() => {});
  const parameters = ['-D', dataIn(home), '-l', logIn(home), '-w', '-t', String(START_TIMEOUT_SECONDS), '-s'];
  const { exitCode, output } = await run(binaries.pgCtl, ['start', ...parameters], account);
  if (exitCode === 0) return 'up';
  const log = await readTail(logIn(home));
  if (PASSING.test(log) || /another server might be running/.test(output)) return 'try again';
  throw new Error(`its log, ${logIn(home)}, ends with:\n${log}\n${output}`);
}

/** Ends every connection and transaction, and waits until the server has written everything and is gone. */
export async function shutDown({ account, binaries, home }: Site): Promise<void> {
  const parameters = ['-D', dataIn(home), '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT_SECONDS), '-s'];
  const { exitCode, output } = await run(binaries.pgCtl, ['stop', ...parameters], account);
  // Gone already, by itself or by another hand.
  if (exitCode === 0 || /does not exist|No such process|Is server running/.test(output)) return;
  throw new EmbeddedPostgresError(
    'STOP_FAILED',
    `PostgreSQL in ${home} did not stop within ${STOP_TIMEOUT_SECONDS} s: ${output}\n${await readTail(logIn(home))}`,
  );
}

async function readTail(file: string): Promise<string> {
  return tailOf(await readFile(file, 'utf8').catch(() => ''));
}
