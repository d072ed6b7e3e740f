import { setTimeout as delay } from 'node:timers/promises';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql';
import { Unavailable } from '../messaging/errors.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Viewer } from '../messaging/model.ts';
import type { SnapshotReader } from '../messaging/ports.ts';
import type { AnswerError } from './answer-errors.ts';
import type { InFlight } from './in-flight.ts';
import type { Metrics } from './metrics.ts';
import { OperationContext } from './operation-context.ts';
import { respondToEvents } from './respond-to-events.ts';
import { findOperation, needsSnapshot } from './snapshot-query.ts';

/** What the transports know of a request. */
export interface RequestContext {
  readonly requestId: string;
  readonly identity: Viewer | null;
}

export interface ExecutorOptions {
  readonly messaging: Messaging;
  readonly openSnapshot: () => Promise<SnapshotReader>;
  readonly answerError: AnswerError;
  readonly inFlight: InFlight;
  readonly metrics: Metrics;
}

/** For an event that could not be answered: the database is away, or something that it shows has just been deleted. */
const RETRY_PAUSE_MS = 250;
const MAX_FAULTS_AN_EVENT = 3;

type Result = ExecutionResult | AsyncGenerator<ExecutionResult, void, void>;

/** Executes operations, the same way for every transport. */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** A query or mutation. */
  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const { inFlight, metrics } = this.#options;
    const result = await inFlight.run(() => this.#atOneMoment(args));
    const type = findOperation(args.document, args.operationName)?.operation ?? 'query';
    metrics.operations.inc({ type, outcome: result.errors === undefined ? 'ok' : 'error' });
    return result;
  }

  /** In a snapshot, if the operation asks for a place in the stream beside its data. */
  async #atOneMoment(args: ExecutionArgs): Promise<ExecutionResult> {
    const { requestId, identity } = args.contextValue as RequestContext;
    const { messaging, openSnapshot } = this.#options;
    if (identity === null || !needsSnapshot(args)) return this.#run(args, requestId, identity, messaging);
    try {
      const snapshot = await openSnapshot();
      try {
        return await this.#run(args, requestId, identity, messaging.readingFrom(snapshot));
      } finally {
        await snapshot[Symbol.asyncDispose]();
      }
    } catch (error) {
      return this.#failure(error, requestId);
    }
  }

  /** A subscription. Each event is answered with fresh loaders: those of the event before would be stale. */
  async subscribe(args: ExecutionArgs): Promise<Result> {
    const { requestId, identity } = args.contextValue as RequestContext;
    const { messaging, metrics } = this.#options;
    const events = await createSourceEventStream({
      ...args,
      rootValue: undefined,
      contextValue: new OperationContext(identity, messaging),
    });
    const refused = !(Symbol.asyncIterator in events);
    metrics.operations.inc({ type: 'subscription', outcome: refused ? 'error' : 'ok' });
    if (refused) return this.#answered(events, requestId);
    return respondToEvents(
      events,
      (event, signal) => {
        metrics.events.inc();
        return this.#answerEvent({ ...args, rootValue: event }, identity, signal);
      },
      (error) => this.#failure(error, requestId),
    );
  }

  /**
   * One event, whole. A client that is given half of one goes on from its cursor and never gets the rest: so this tries
   * again, without end while the database is away, and if all is in vain it throws, which ends the subscription.
   */
  async #answerEvent(
    args: ExecutionArgs,
    identity: Viewer | null,
    signal: AbortSignal,
  ): Promise<ExecutionResult> {
    for (let faults = 0; ; ) {
      const contextValue = new OperationContext(identity, this.#options.messaging);
      const result = await execute({ ...args, contextValue });
      const error = result.errors?.find((each) => !isUnavailable(each)) ?? result.errors?.[0];
      if (error === undefined) return result;
      if (signal.aborted || (!isUnavailable(error) && ++faults === MAX_FAULTS_AN_EVENT)) throw error;
      await delay(RETRY_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #run(args: ExecutionArgs, requestId: string, identity: Viewer | null, messaging: Messaging) {
    const contextValue = new OperationContext(identity, messaging);
    return this.#answered(await execute({ ...args, contextValue }), requestId);
  }

  #answered(result: ExecutionResult, requestId: string): ExecutionResult {
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map((error) => this.#options.answerError(error, requestId)) };
  }

  #failure(error: unknown, requestId: string): ExecutionResult {
    return { errors: [this.#options.answerError(error, requestId)] };
  }
}

function isUnavailable({ originalError }: GraphQLError): boolean {
  return originalError instanceof Unavailable;
}
