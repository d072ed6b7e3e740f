import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';

const START_WITHIN_MS = 10_000;

/** A server program of one test's own, in a folder that goes with it. */
export interface KeptProgram {
  readonly pid: number;
  kill(): Promise<void>;
}

/** Starts the command in a folder of its own; kills it, and removes that, when its input ends: with us at the latest. */
const KEEPER = `
  folder=$(mktemp -d) && cd "$folder" || exit 1
  "$@" 2>&1 & pid=$!
  echo "pid $pid"
  cat > /dev/null
  kill -KILL "$pid"
  wait "$pid"
  rm -rf "$folder"`;

/** @param readyWords what it prints once it can be used. @throws with what it prints instead. */
export async function keepProgram(command: readonly string[], readyWords: string): Promise<KeptProgram> {
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', ...command], {
    detached: true, // Ctrl-C must not reach it
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines: string[] = [];
  createInterface(keeper.stdout).on('line', (line) => lines.push(line));
  try {
    await eventually(
      () => {
        if (!lines.some((line) => line.includes(readyWords)))
          throw new Error(`${command[0]} does not start: ${lines.join('\n')}`);
      },
      { withinMs: START_WITHIN_MS },
    );
  } catch (error) {
    await end(keeper);
    throw error;
  }
  const pid = lines.flatMap((line) => /^pid (\d+)$/.exec(line)?.[1] ?? [])[0];
  return { pid: Number(pid), kill: () => end(keeper) };
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return;
  keeper.stdin?.end();
  await once(keeper, 'close');
}
