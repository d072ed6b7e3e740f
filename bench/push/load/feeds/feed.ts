import type { BenchUser } from '../../../sockets/contestant.ts';

export interface Outgoing {
  readonly sender: BenchUser;
  readonly receiver: BenchUser;
  readonly text: string;
}

/** A way for messages to get to the server that pushes them. */
export interface Feed extends AsyncDisposable {
  /** @returns when whoever wrote it knew that it was committed, or handed over (milliseconds since 1970) */
  send(message: Outgoing): Promise<number>;
}
