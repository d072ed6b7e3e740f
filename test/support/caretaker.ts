import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Sleeps until its input ends, which any death of ours brings about, then removes what is left. */
const SCRIPT = `
  cat > /dev/null
  pid=$(head -n 1 "$1/postgres/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.1; done
  rm -rf "$1"`;

/** Watches over the folder of an embedded PostgreSQL: when it is disposed, or we are dead, both are gone. */
export function watchOver(directory: string): AsyncDisposable {
  const caretaker = spawn('/bin/sh', ['-c', SCRIPT, 'sh', directory], {
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
