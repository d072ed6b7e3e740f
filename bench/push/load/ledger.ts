import { summarize } from '../../support/statistics.ts';
import type { Report } from './protocol.ts';

/** Where one message is to arrive, and when it was on its way (milliseconds since 1970). */
interface Entry {
  readonly sentAt: number;
  readonly devices: Set<number>;
  readonly arrivals: number[];
  committedAt: number;
}

/** Whether each message has come to each device of its sender and of its receiver, once. */
export class Ledger {
  readonly #entries = new Map<number, Entry>();
  #outstanding = 0;
  #repeated = 0;

  expect(number: number, devices: readonly number[], sentAt: number): void {
    this.#entries.set(number, { sentAt, devices: new Set(devices), arrivals: [], committedAt: Number.NaN });
    this.#outstanding += devices.length;
  }

  commit(number: number, committedAt: number): void {
    const entry = this.#entries.get(number);
    if (entry !== undefined) entry.committedAt = committedAt;
  }

  arrive(number: number, device: number, at: number): void {
    const entry = this.#entries.get(number);
    if (!entry?.devices.delete(device)) {
      this.#repeated++;
      return;
    }
    entry.arrivals.push(at);
    this.#outstanding--;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** What has become of everything since the last report. What comes of that later counts as repeated. */
  close(): Report {
    const entries = [...this.#entries.values()];
    const arrivals = entries.flatMap((entry) => entry.arrivals);
    const report = {
      sent: entries.length,
      deliveries: arrivals.length,
      lost: this.#outstanding,
      repeated: this.#repeated,
      ms: greatest(arrivals) - (entries[0]?.sentAt ?? 0),
      sendToPush: summarize(entries.flatMap(({ arrivals, sentAt }) => arrivals.map((at) => at - sentAt))),
      commitToPush: summarize(
        entries.flatMap(({ arrivals, committedAt }) => arrivals.map((at) => at - committedAt)),
      ),
    };
    this.#entries.clear();
    [this.#outstanding, this.#repeated] = [0, 0];
    return report;
  }
}

/** Of more than can be arguments of one call. */
function greatest(values: readonly number[]): number {
  return values.reduce((greatest, value) => Math.max(greatest, value), 0);
}
