import type { Anomaly } from '../checker/anomaly.ts';
import type { HistoryEvent } from '../history/event.ts';
import { type Counts, countIn } from './counts.ts';
import { INVARIANTS, type Invariant } from './invariants.ts';
import { formatTable } from './table.ts';

interface JudgedRound {
  /** Their names. */
  readonly faults: readonly string[];
  readonly harmless: boolean;
  readonly counts: Counts;
  readonly anomalies: readonly Anomaly[];
}

/** What all rounds so far have come to. */
export class Tally {
  readonly #rounds: JudgedRound[] = [];

  add(events: readonly HistoryEvent[], anomalies: readonly Anomaly[]): void {
    const faults = events.filter((event) => event.type === 'fault');
    this.#rounds.push({
      faults: faults.map(({ name }) => name),
      harmless: faults.every(({ failsWrites }) => !failsWrites),
      counts: countIn(events),
      anomalies,
    });
  }

  get anomalies(): number {
    return this.#rounds.reduce((sum, { anomalies }) => sum + anomalies.length, 0);
  }

  /** Of one kind, over all rounds. */
  total(what: keyof Counts): number {
    return totalOf(this.#rounds, what);
  }

  /** The names of the faults that were injected. */
  get faults(): ReadonlySet<string> {
    return new Set(this.#rounds.flatMap(({ faults }) => faults).sort());
  }

  toString(): string {
    const faults = [...this.faults].map((name) => {
      const rounds = this.#rounds.filter((round) => round.faults.includes(name));
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

  #row({ text, faults, harmless, anomalies, checks }: Invariant): (string | number)[] {
    const rounds = this.#rounds.filter(
      (round) =>
        (faults === undefined || round.faults.some((name) => faults.includes(name))) &&
        (harmless === undefined || round.harmless),
    );
    const injected = rounds.flatMap((round) => round.faults).filter((name) => faults?.includes(name) ?? true);
    const found = rounds.flatMap((round) => round.anomalies).filter(({ name }) => anomalies.includes(name));
    return [text, rounds.length, injected.length, `${totalOf(rounds, checks)} ${checks}`, found.length];
  }
}

function totalOf(rounds: readonly JudgedRound[], what: keyof Counts): number {
  return rounds.reduce((sum, { counts }) => sum + counts[what], 0);
}
