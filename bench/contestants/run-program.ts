import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly folder: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Besides this process' own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @returns what it has written. @throws that, when it fails */
export async function runProgram(
  program: string,
  args: readonly string[],
  { folder, signal, environment }: ProgramOptions,
): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm is a script there.
    shell: process.platform === 'win32' && program === 'npm',
    // biome-ignore lint/style/noProcessEnv: npm's own settings, such as the registry, are none of the benchmark's
    env: { ...process.env, ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed in ${folder}:\n${output}`);
  return output;
}
