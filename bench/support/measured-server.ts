import { fileURLToPath } from 'node:url';
import { QuestionedProcess } from './questioned-process.ts';

const ANSWERS = fileURLToPath(new URL('../sockets/answer-questions.js', import.meta.url));

/** Bytes, after a collection of garbage. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  /** Outside of V8's heap but held by its objects: buffers. */
  readonly external: number;
}

export interface RunningServer {
  /** Of its GraphQL endpoint: `http://…`. */
  readonly url: string;
  readonly process: QuestionedProcess;
}

/**
 * Starts a server in a process of its own, in which `preloaded` are imported first. Resolves when it has written a line `{"msg": "ready", "url": …}`.
 * @throws when it ends before, with what it wrote
 */
export async function launch(
  script: string,
  environment: Readonly<Record<string, string>>,
  preloaded: readonly string[] = [],
): Promise<RunningServer> {
  let isReady: (url: string) => void = () => {};
  const ready = new Promise<string>((resolve) => {
    isReady = resolve;
  });
  const process = new QuestionedProcess({
    arguments: ['--expose-gc', ...[ANSWERS, ...preloaded].flatMap((file) => ['--import', file]), script],
    environment,
    onLine: (line) => {
      if (line.startsWith('{') && JSON.parse(line).msg === 'ready') isReady(JSON.parse(line).url);
    },
  });
  return { url: await Promise.race([ready, process.failure()]), process };
}

/** A server that is measured from inside its process. */
export class MeasuredServer implements AsyncDisposable {
  constructor(private readonly running: RunningServer) {}

  /** Of its GraphQL endpoint: `http://…`. */
  get url(): string {
    return this.running.url;
  }

  /** The same for sockets: `ws://…`. */
  get socketUrl(): string {
    return this.url.replace(/^http/, 'ws');
  }

  /** How many it has open. */
  subscriptions(): Promise<number> {
    return this.running.process.ask('subscriptions');
  }

  /** The port where takeLines listens, in a server that does. */
  openFeed(): Promise<number> {
    return this.running.process.ask('openFeed');
  }

  memory(): Promise<Memory> {
    return this.running.process.ask('memory');
  }

  /** Milliseconds of CPU time so far. */
  cpu(): Promise<number> {
    return this.running.process.ask('cpu');
  }

  startProfile(): Promise<void> {
    return this.running.process.ask('startProfile');
  }

  stopProfile(file: string): Promise<void> {
    return this.running.process.ask('stopProfile', file);
  }

  heapSnapshot(file: string): Promise<void> {
    return this.running.process.ask('heapSnapshot', file);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.running.process[Symbol.asyncDispose]();
  }
}
