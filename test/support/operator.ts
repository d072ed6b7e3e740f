import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAMS = {
  parley: 'dist/main.js',
  token: 'dist/operations/token.js',
  migrate: 'dist/operations/migrate.js',
  scale: 'dist/operations/scale.js',
  export: 'dist/operations/export.js',
};

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an operator has started, in a process group of its own as in a terminal of theirs. */
export interface Running {
  readonly ended: Promise<Ending>;
  readonly output: () => string;
  /** Waits for GraphQL's address, in the lines that it prints. @throws when it ends before. */
  url(): Promise<string>;
  /** To the whole group, as a terminal does it with Ctrl-C. */
  press(signal: NodeJS.Signals): void;
}

export interface Circumstances {
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it is typed; a .env file there counts. */
  readonly folder: string;
  readonly args?: readonly string[];
}

const running: ChildProcess[] = [];

/** One of the built programs, with no environment but what is given. */
export function start(
  program: keyof typeof PROGRAMS,
  { environment, folder, args = [] }: Circumstances,
): Running {
  const command = [process.execPath, '--enable-source-maps', join(ROOT, PROGRAMS[program]), ...args];
  return startCommand(command, folder, { PATH: '', ...environment });
}

/** Like `start`, to its end. */
export function run(program: keyof typeof PROGRAMS, circumstances: Circumstances): Promise<Ending> {
  return start(program, circumstances).ended;
}

/** A script of package.json, as it is typed: from the repository's folder. */
export function npm(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const { PATH = '', HOME = '' } = process.env;
  return startCommand(['npm', ...args], ROOT, { PATH, HOME, ...environment });
}

function startCommand(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk;
  });
  let ending: Ending | undefined;
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      ending = { code, signal, ...texts };
      resolve(ending);
    });
  });
  const output = () => texts.stdout + texts.stderr;
  return {
    ended,
    output,
    async url() {
      const found = await eventually(
        () => /^ {2}\S.*(http:\S+\/graphql)$/m.exec(texts.stdout)?.[1] ?? (ending ? ending : false),
        { withinMs: 20_000 },
      );
      if (typeof found !== 'string') throw new Error(`it ended with ${found.code}: ${output()}`);
      return found;
    },
    press(signal) {
      process.kill(-(child.pid as number), signal);
    },
  };
}

/** For `afterEach`: whatever a failed test has left running. */
export async function endAll(): Promise<void> {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = new Promise((resolve) => child.once('close', resolve));
    process.kill(-(child.pid as number), 'SIGKILL');
    await closed;
  }
}

/** The command lines of all processes that have to do with this folder. */
export function processesIn(folder: string): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(folder));
}
