import type { Summary } from '../support/statistics.ts';

/** In a body, what each request has a new key for. */
export const NEW_KEY = 'a key of its own for each request';

export interface LoadRequest {
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

export interface RequestList {
  /** Under which it is asked for again. */
  readonly name: string;
  /** Of the server: `http://host:port`. */
  readonly origin: string;
  readonly requests: readonly LoadRequest[];
}

interface Opening {
  readonly list: string;
  readonly connections: number;
}

/** How long to send. */
export interface Stint {
  /** Milliseconds; `null` for no bound. */
  readonly ms: number | null;
  /** Whether it is over, at the latest, when each request of the list has been sent. */
  readonly once: boolean;
}

export interface LoadReport {
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly ms: number;
  /** Milliseconds from before a request is sent until its answer is complete. */
  readonly latency: Summary;
}

/** What the load does when it is asked. */
export interface LoadAnswers {
  /** Takes requests that it will be asked to send. */
  prepare(list: RequestList): void;
  /** Connects; what is asked before an answer has come does not count. */
  open(opening: Opening): Promise<void>;
  /**
   * Sends requests, on each connection the next one as soon as the last is answered. It begins where it has stopped
   * before, so that none comes again too soon. @throws the first answer that is none
   */
  run(stint: Stint): Promise<LoadReport>;
  close(): Promise<void>;
}
