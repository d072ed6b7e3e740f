import { formatTable } from '../../support/table.ts';
import type { Anomaly } from '../checker/anomaly.ts';
import type { HistoryEvent } from '../history/event.ts';
import { type Counts, countIn } from './counts.ts';
import { INVARIANTS, type Invariant } from './invariants.ts';

interface Judged {
  /** Of the plan; what happens when all of them are over is none. */
  readonly isRound: boolean;
  /** Their names. */
  readonly faults: readonly string[];
  readonly harmless: boolean;
  readonly counts: Counts;
  readonly anomalies: readonly Anomaly[];
}

/** What all rounds so far have come to. */
export class Tally {
  readonly #judged: Judged[] = [];

  /** What one round of the plan has come to. */
  addRound(events: readonly HistoryEvent[], anomalies: readonly Anomaly[]): void {
    this.#add(true, events, anomalies);
  }

  /** What has happened after the last round: it is judged like one, and counted as none. */
  addEnd(events: readonly HistoryEvent[], anomalies: readonly Anomaly[]): void {
    this.#add(false, events, anomalies);
  }

  get anomalies(): number {
    return this.#judged.reduce((sum, { anomalies }) => sum + anomalies.length, 0);
  }

  /** Of one kind, over all rounds. */
  total(what: keyof Counts): number {
    return totalOf(this.#judged, what);
  }

  /** The names of the faults that were injected. */
  get faults(): ReadonlySet<string> {
    return new Set(this.#judged.flatMap(({ faults }) => faults).sort());
  }

  toString(): string {
    const faults = [...this.faults].map((name) => {
      const rounds = this.#judged.filter((round) => round.faults.includes(name));
      return [name, rounds.length, totalOf(rounds, 'write attempts'), totalOf(rounds, 'unanswered writes')];
    });
    return [
      formatTable(['fault', 'injected', 'writes in those rounds', 'unanswered'], faults),
      formatTable(
        ['invariant', 'rounds', 'faults injected', 'checks made', 'anomalies'],
        INVARIANTS.map((invariant) => this.#row(invariant)),
      ),
    ].join('\n');
  }

  #add(isRound: boolean, events: readonly HistoryEvent[], anomalies: readonly Anomaly[]): void {
    const faults = events.filter((event) => event.type === 'fault');
    this.#judged.push({
      isRound,
      faults: faults.map(({ name }) => name),
      harmless: faults.every(({ failsWrites }) => !failsWrites),
      counts: countIn(events),
      anomalies,
    });
  }

  #row({ text, faults, harmless, anomalies, checks }: Invariant): (string | number)[] {
    const judged = this.#judged.filter(
      (one) =>
        (faults === undefined || one.faults.some((name) => faults.includes(name))) &&
        (harmless === undefined || one.harmless),
    );
    const rounds = judged.filter(({ isRound }) => isRound);
    const injected = judged.flatMap((one) => one.faults).filter((name) => faults?.includes(name) ?? true);
    const found = judged.flatMap((one) => one.anomalies).filter(({ name }) => anomalies.includes(name));
    return [text, rounds.length, injected.length, `${totalOf(judged, checks)} ${checks}`, found.length];
  }
}

function totalOf(judged: readonly Judged[], what: keyof Counts): number {
  return judged.reduce((sum, { counts }) => sum + counts[what], 0);
}
