import { mkdir, writeFile } from 'node:fs/promises';
import type { Anomaly } from './checker/anomaly.ts';
import { judge } from './checker/judge.ts';
import type { HistoryEvent } from './history/event.ts';
import { History, toNdjson } from './history/history.ts';
import type { Plan } from './plan.ts';
import { Tally } from './report/tally.ts';
import { playRound } from './round.ts';
import { System } from './system/system.ts';

/** Where histories with anomalies are kept, below the current folder. */
const KEPT = '.data/faults';

export interface RoundReport {
  readonly plan: Plan;
  readonly ms: number;
  readonly events: readonly HistoryEvent[];
  readonly anomalies: readonly Anomaly[];
  /** Where its history is kept; null when nothing was wrong. */
  readonly kept: string | null;
}

interface Listener {
  readonly onRound: (report: RoundReport) => void;
  /** The nodes have been asked to stop. */
  readonly onEnd: (anomalies: readonly Anomaly[]) => void;
  /** Ends it after the round that runs. */
  readonly signal: AbortSignal;
}

/** Plays and judges one round after another on one system. */
export async function run(
  plan: (system: System) => readonly Plan[],
  { onRound, onEnd, signal }: Listener,
): Promise<Tally> {
  const tally = new Tally();
  await using system = await System.prepare();
  for (const round of plan(system)) {
    if (signal.aborted) break;
    const begun = performance.now();
    const events = await playRound(system, round);
    const anomalies = judge(events);
    tally.addRound(events, anomalies);
    const kept = anomalies.length === 0 ? null : await keep(round, events);
    onRound({ plan: round, ms: performance.now() - begun, events, anomalies, kept });
    // A system that could not be brought to rest is of no use for another round.
    if (!events.some(({ type }) => type === 'table')) break;
    await system.clear();
  }
  const events = await endOf(system);
  const anomalies = judge(events);
  tally.addEnd(events, anomalies);
  onEnd(anomalies);
  return tally;
}

/** What happens when nodes that have been through all that are asked to stop. */
export async function endOf(system: System): Promise<readonly HistoryEvent[]> {
  const history = new History();
  system.note = (occurrence) => history.note(occurrence);
  await system.stop();
  return history.events;
}

async function keep({ seed, number }: Plan, events: readonly HistoryEvent[]): Promise<string> {
  await mkdir(KEPT, { recursive: true });
  const file = `${KEPT}/seed-${seed}-round-${number}.ndjson`;
  await writeFile(file, toNdjson(events));
  return file;
}
