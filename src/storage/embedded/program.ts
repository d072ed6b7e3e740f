import { spawn } from 'node:child_process';

/** Under which user the server's programs run, where that is not the user of this process. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Of a failing program's words only the end is kept: it says what went wrong. */
const OUTPUT_TAIL_CHARACTERS = 4000;
const TAIL_LINES = 12;

// Nothing of our own environment: it holds the secrets of Parley, and PGPORT or LANG of whoever starts it would change
// what the server does and the language of the messages that we look for.
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs a program to its end and gives its exit code and what it printed; throws only when it cannot be started. */
export function run(
  program: string,
  parameters: readonly string[],
  account?: Account | undefined,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      ...(process.platform === 'win32' ? {} : { env: ENVIRONMENT }),
      // The other user may not be able to enter our working directory, and PostgreSQL's programs insist on theirs.
      cwd: '/',
      // Own session: a terminal's Ctrl-C must not cut short what it is not meant for, least of all the shutdown.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_TAIL_CHARACTERS);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output: output.trim() }));
  });
}

/** The end of a log or of a program's output, short enough for an error message. */
export function tailOf(text: string): string {
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
