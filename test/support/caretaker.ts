import { spawn } from 'node:child_process';
import { once } from 'node:events';

const REMOVE_CLUSTER = `
  pid=$(head -n 1 "$1/postgres/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.1; done
  rm -rf "$1"`;

/** Watches over the folder of an embedded PostgreSQL: when this is disposed, or we are dead, both are gone. */
export const watchOver = (directory: string) => atTheEnd(REMOVE_CLUSTER, directory);

/** Runs a shell's commands, with `argument` as $1, when this is disposed, or by whatever death of ours. */
export function atTheEnd(commands: string, argument: string): AsyncDisposable {
  // It sleeps until its input ends, which any death of ours brings about.
  const caretaker = spawn('/bin/sh', ['-c', `cat > /dev/null\n${commands}`, 'sh', argument], {
    detached: true, // Ctrl-C must not reach it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = once(caretaker, 'close');
  return {
    async [Symbol.asyncDispose]() {
      caretaker.stdin.end();
      await closed;
    },
  };
}
