import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from './server.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const ENDS_WITH_ITS_PARENT = `--import=${new URL('./ends-with-its-parent.js', import.meta.url)}`;

/** A server in a process of its own, so that it can be killed. */
export interface NodeProcess extends AsyncDisposable {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  readonly log: readonly string[];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
  /** Sends to what `nodeArguments` have loaded into it, and gives the answer. */
  ask(message: number): Promise<unknown>;
}

/** `nodeArguments` come before the program. @throws with all that it has written, when it ends before it is ready. */
export async function startNodeProcess(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
  nodeArguments: readonly string[] = [],
): Promise<NodeProcess> {
  const child = spawn(process.execPath, [ENDS_WITH_ITS_PARENT, ...nodeArguments, MAIN], {
    env: testEnvironment(databaseUrl, { LOG_LEVEL: 'info', ...environment }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  // Not 'exit', after which there may still be lines to come.
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  const log: string[] = [];
  const ready = new Promise<string>((resolve) => {
    for (const output of [child.stdout, child.stderr])
      createInterface(output).on('line', (line) => {
        log.push(line);
        if (!line.startsWith('{')) return;
        const { msg, url } = JSON.parse(line);
        if (msg === 'ready') resolve(url);
      });
  });
  const url = await Promise.race([ready, exited.then(() => null)]);
  if (url === null) throw new Error(`it ended before it was ready:\n${log.join('\n')}`);
  return {
    url,
    log,
    exited,
    kill: (signal) => child.kill(signal),
    async ask(message) {
      child.send(message);
      return (await once(child, 'message'))[0];
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
