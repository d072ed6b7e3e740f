import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';

const REDIS = process.env['REDIS_SERVER_PATH'] || '/usr/bin/redis-server';
const START_WITHIN_MS = 10_000;

/** Why tests with Redis cannot run here; `null` when they can. With CI=true that is no excuse. */
export const noRedis =
  existsSync(REDIS) || process.env['CI'] === 'true' ? null : `there is no Redis at ${REDIS}`;

/** A Redis of one test's own, which keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** From now on it answers nothing, though its connections stay open and new ones are accepted. */
  freeze(): void;
  /** Ends a freeze. */
  resume(): void;
  /** After `kill`: starts it again on the same port, with nothing in it. */
  restart(): Promise<void>;
}

export interface RedisOptions {
  /** Settings of redis.conf, such as `{ requirepass: 'secret' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startRedis({ settings = {} }: RedisOptions = {}): Promise<RedisServer> {
  const port = await unusedPort();
  const options = { bind: '127.0.0.1', port: `${port}`, save: '', appendonly: 'no', ...settings };
  const command = [REDIS, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
  let running = await run(command);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(running.keeper),
    freeze: () => void process.kill(running.pid, 'SIGSTOP'),
    resume: () => void process.kill(running.pid, 'SIGCONT'),
    async restart() {
      running = await run(command);
    },
    [Symbol.asyncDispose]: () => end(running.keeper),
  };
}

/** Nothing listens there. */
export async function unusedPort(): Promise<number> {
  // Below those that systems give to outgoing connections: one of these could take it while its server is away, and a
  // client that tries again and again would once be connected to itself.
  const port = randomInt(20_000, 32_768);
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return unusedPort();
  }
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the command in a folder of its own; kills it, and removes that, when its input ends: with us at the latest. */
const KEEPER = `
  folder=$(mktemp -d) && cd "$folder" || exit 1
  "$@" & pid=$!
  echo "pid $pid"
  cat > /dev/null
  kill -KILL "$pid"
  wait "$pid"
  rm -rf "$folder"`;

async function run(command: readonly string[]): Promise<{ keeper: ChildProcess; pid: number }> {
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', ...command], {
    detached: true, // Ctrl-C must not reach it
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines: string[] = [];
  createInterface(keeper.stdout).on('line', (line) => lines.push(line));
  try {
    await eventually(
      () => {
        if (!lines.some((line) => line.includes('Ready to accept connections')))
          throw new Error(`Redis does not start: ${lines.join('\n')}`);
      },
      { withinMs: START_WITHIN_MS },
    );
  } catch (error) {
    await end(keeper);
    throw error;
  }
  return { keeper, pid: Number(/^pid (\d+)$/.exec(lines[0] ?? '')?.[1]) };
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return;
  keeper.stdin?.end();
  await once(keeper, 'close');
}
