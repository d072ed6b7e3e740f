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
  const stop = async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  };
  progress.begin('the servers start');
  try {
    for (const name of names) {
      servers.push(await Contestant.start(name, databaseUrl));
      progress.show(servers.length, names.length);
    }
    // Collecting garbage is mostly waiting: all of them at once.
    const memories = await Promise.all(servers.map((server) => server.memory()));
    const starts = servers.map(({ name, startMs }, i) => ({
      name,
      startMs,
      idleRss: memories[i]?.rss ?? Number.NaN,
    }));
    return { servers, starts, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
