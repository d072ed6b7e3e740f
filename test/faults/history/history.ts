import type { HistoryEvent, Occurrence } from './event.ts';

/** What happened in one round, in the order in which it was noted. */
export class History {
  readonly events: HistoryEvent[] = [];
  #acknowledged = 0;

  /** How many sends have been. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  note(occurrence: Occurrence): void {
    this.events.push({ at: performance.now(), ...occurrence });
    if (occurrence.type === 'end' && occurrence.outcome === 'done' && occurrence.id !== undefined)
      this.#acknowledged++;
  }
}

/** One event a line, so that a run can be judged again. */
export function toNdjson(events: readonly HistoryEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

export function fromNdjson(text: string): HistoryEvent[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as HistoryEvent)));
}
