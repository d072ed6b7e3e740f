import { Contestant, type ContestantName } from '../contestants/contestant.ts';
import type { Progress } from '../support/progress.ts';

/** How a server begins. */
export interface Start {
  readonly name: ContestantName;
  /** Milliseconds from the start of its process until it takes requests. */
  readonly startMs: number;
  /** Bytes of its process, before the first request. */
  readonly idleRss: number;
}

export interface Started extends AsyncDisposable {
  readonly servers: readonly Contestant[];
  readonly starts: readonly Start[];
}

/** Starts them one after another, so that none is slowed down by another's start. They stay up. */
export async function startAll(
  names: readonly ContestantName[],
  databaseUrl: string,
  progress: Progress,
): Promise<Started> {
  const servers: Contestant[] = [];
  const starts: Start[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  };
  progress.begin('the servers start');
  try {
    for (const name of names) {
      const server = await Contestant.start(name, databaseUrl);
      servers.push(server);
      starts.push({ name, startMs: server.startMs, idleRss: (await server.memory()).rss });
      progress.show(servers.length, names.length);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, starts, [Symbol.asyncDispose]: stop };
}
