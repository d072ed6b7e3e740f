import { readFile } from 'node:fs/promises';
import { run } from './program.ts';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, and another user's
  }
}

/** How a process was started, as one string; empty when there is none, or only its corpse. */
export async function commandLineOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    // Not `ps`, which small container images do not have.
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  }
  return (await run('/bin/ps', ['-ww', '-o', 'command=', '-p', String(pid)])).output;
}
