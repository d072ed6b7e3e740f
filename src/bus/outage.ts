export interface OutageReports {
  /** Until it is back hints get lost, and the sweep alone tells of news. */
  readonly onLost: (error: unknown) => void;
  readonly onBack: () => void;
}

/** Reports the loss of a bus once, however many of its parts fail and however often, and once that all are back. */
export class Outage implements Disposable {
  readonly #parts = new Set<string>();
  #disposed = false;

  constructor(private readonly reports: OutageReports) {}

  begin(part: string, error: unknown): void {
    if (this.#parts.size === 0 && !this.#disposed) this.reports.onLost(error);
    this.#parts.add(part);
  }

  end(part: string): void {
    if (this.#parts.delete(part) && this.#parts.size === 0) this.reports.onBack();
  }

  /** What fails from now on is being closed, which is nothing to report. */
  [Symbol.dispose](): void {
    this.#disposed = true;
  }
}
