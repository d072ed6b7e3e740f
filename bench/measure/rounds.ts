import type { HttpLoad } from '../load/load-process.ts';
import type { Stint } from '../load/protocol.ts';
import type { Progress } from '../support/progress.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Entrant } from './entrant.ts';
import { measureSlot, type Slot } from './slot.ts';

export interface Pace {
  readonly rounds: number;
  /** Of one turn. */
  readonly slotMs: number;
  /** How long it may take at most to send each request once before anything counts: what is kept is then known. */
  readonly firstPassMs: number;
  /** How much longer they are then sent over each number of connections: V8 compiles what it has seen often. */
  readonly warmUpMs: number;
  /** The same in a contestant's first work: most of its code serves all of them. */
  readonly firstWarmUpMs: number;
}

export interface RoundsOptions {
  readonly work: Workload;
  readonly entrants: readonly Entrant[];
  readonly load: HttpLoad;
  readonly pace: Omit<Pace, 'firstWarmUpMs'>;
  readonly progress: Progress;
}

/** One number of connections, and each entrant's turns in the order of the rounds. */
export interface Measured {
  readonly connections: number;
  readonly slots: Readonly<Record<string, readonly Slot[]>>;
}

/** Everyone's turn in every round, so that whatever else the machine does meets all of them alike. */
export async function measureInTurn(options: RoundsOptions): Promise<readonly Measured[]> {
  const { work, entrants, pace, progress } = options;
  const turns = pace.rounds * work.connections.length * entrants.length;
  const slots = new Map(work.connections.map((count) => [count, new Map<string, Slot[]>()]));

  progress.begin(`${work.name}: warming up`);
  const most = Math.max(...work.connections);
  for (const entrant of entrants) {
    await takeTurn(entrant, most, { ms: pace.firstPassMs, once: true }, options);
    for (const connections of work.connections)
      await takeTurn(entrant, connections, { ms: pace.warmUpMs, once: false }, options);
  }

  progress.begin(work.name);
  let done = 0;
  for (let round = 1; round <= pace.rounds; round++) {
    // Whoever comes second finds another machine: warmer, or busier.
    const order = round % 2 === 1 ? entrants : entrants.toReversed();
    for (const [connections, ofEntrants] of slots)
      for (const entrant of order) {
        const slot = await takeTurn(entrant, connections, { ms: pace.slotMs, once: false }, options);
        ofEntrants.set(entrant.name, [...(ofEntrants.get(entrant.name) ?? []), slot]);
        progress.show(++done, turns);
      }
  }
  return Array.from(slots, ([connections, ofEntrants]) => ({
    connections,
    slots: Object.fromEntries(entrants.map(({ name }) => [name, ofEntrants.get(name) ?? []])),
  }));
}

async function takeTurn(
  entrant: Entrant,
  connections: number,
  stint: Stint,
  { work, load }: RoundsOptions,
): Promise<Slot> {
  await work.restore?.(entrant.backend.database);
  await entrant.beforeTurn?.();
  return measureSlot(entrant, {
    load,
    connections,
    // What can be asked for once is not asked for a second time.
    stint: work.restore === undefined ? stint : { ms: null, once: true },
  });
}
