import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { keepProgram } from './kept-program.ts';
import { REDIS } from './redis-path.js';

const READY = 'Ready to accept connections';

/** A Redis of one test's own, which keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
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
  let running = await keepProgram(command, READY);
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill(),
    freeze: () => void process.kill(running.pid, 'SIGSTOP'),
    resume: () => void process.kill(running.pid, 'SIGCONT'),
    async restart() {
      running = await keepProgram(command, READY);
    },
    [Symbol.asyncDispose]: () => running.kill(),
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
