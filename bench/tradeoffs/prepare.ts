import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import type { LongestLock } from '../../src/storage/scaling/under-lock.ts';
import { runProgram } from '../contestants/run-program.ts';
import type { Form } from './forms.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCALE = fileURLToPath(new URL('../../dist/operations/scale.js', import.meta.url));

/** What an operator's command took, on a database that nobody else used. */
export interface Preparation {
  readonly command: string;
  readonly seconds: number;
  /** How long others would have had to wait for a lock at most, as it says; `null` where it says nothing. */
  readonly longestLock: LongestLock | null;
}

/** Makes a form of a database by the commands that operators use, and leaves it as autovacuum would. */
export async function prepare(
  commands: Form['commands'],
  url: string,
  database: Pool,
  signal: AbortSignal,
): Promise<readonly Preparation[]> {
  const preparations: Preparation[] = [];
  for (const command of commands) {
    const startedAt = performance.now();
    const said = await runProgram(process.execPath, [SCALE, command], {
      folder: ROOT,
      signal,
      environment: { DATABASE_URL: url, DATABASE_DIRECT_URL: '', DATABASE_REPLICA_URLS: '' },
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    preparations.push({ command: `scale -- ${command}`, seconds, longestLock: longestLockIn(said) });
  }
  await database.query('VACUUM (ANALYZE)');
  return preparations;
}

/** In "Nobody had to wait for it longer than 12 ms (filling)." */
export function longestLockIn(said: string): LongestLock | null {
  const found = /longer than (\d+) ms \((.*?)\)/.exec(said);
  return found === null ? null : { ms: Number(found[1]), what: found[2] ?? '' };
}
