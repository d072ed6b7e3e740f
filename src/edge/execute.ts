import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
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
      (event) => {
        metrics.events.inc();
        return this.#run({ ...args, rootValue: event }, requestId, identity, messaging);
      },
      (error) => this.#failure(error, requestId),
    );
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
