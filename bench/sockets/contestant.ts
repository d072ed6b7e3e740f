import { fileURLToPath } from 'node:url';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { testEnvironment } from '../../test/support/server.ts';
import { QuestionedProcess } from '../support/questioned-process.ts';

const ANSWERS = fileURLToPath(new URL('answer-questions.js', import.meta.url));
const PARLEY = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('bare-server.js', import.meta.url));

export const CONTESTANTS = ['parley', 'bare'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** Bytes, after a collection of garbage. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  /** Outside of V8's heap but held by its objects: buffers. */
  readonly external: number;
}

/** A user whom both servers know: Parley by the row, the bare server by the name. */
export interface BenchUser {
  readonly name: string;
  readonly row: number;
}

/** A server in a process of its own, which is measured from inside. */
export class Contestant implements AsyncDisposable {
  private constructor(
    readonly name: ContestantName,
    /** Of its GraphQL endpoint. */
    readonly url: string,
    private readonly process: QuestionedProcess,
  ) {}

  /** A fresh one: memory that was used once is not given back, and would make the next round look cheap. */
  static async start(name: ContestantName, databaseUrl: string): Promise<Contestant> {
    let isReady: (url: string) => void = () => {};
    const ready = new Promise<string>((resolve) => {
      isReady = resolve;
    });
    const server = new QuestionedProcess({
      arguments: ['--expose-gc', '--import', ANSWERS, name === 'parley' ? PARLEY : BARE],
      environment: testEnvironment(databaseUrl, {
        NODE_ENV: 'production',
        LOG_LEVEL: 'info',
        // One sender here does the work of thousands.
        RATE_LIMITS: 'off',
      }),
      onLine: (line) => {
        if (line.startsWith('{') && JSON.parse(line).msg === 'ready') isReady(JSON.parse(line).url);
      },
    });
    const url = await Promise.race([ready, server.failure()]);
    return new Contestant(name, url, server);
  }

  /** How its `sendMessage` names this user. */
  address({ name, row }: BenchUser): string {
    return this.name === 'parley' ? encodeGlobalId('User', row) : name;
  }

  memory(): Promise<Memory> {
    return this.process.ask('memory');
  }

  /** Milliseconds of CPU time so far. */
  cpu(): Promise<number> {
    return this.process.ask('cpu');
  }

  async subscriptions(): Promise<number> {
    if (this.name === 'bare') return this.process.ask('subscriptions');
    const text = await (await fetch(new URL('/metrics', this.url))).text();
    return Number(/^parley_subscriptions (\d+)$/m.exec(text)?.[1]);
  }

  startProfile(): Promise<void> {
    return this.process.ask('startProfile');
  }

  stopProfile(file: string): Promise<void> {
    return this.process.ask('stopProfile', file);
  }

  heapSnapshot(file: string): Promise<void> {
    return this.process.ask('heapSnapshot', file);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}
