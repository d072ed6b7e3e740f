import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import { RateLimited, Unavailable, ViewerGone } from '../messaging/errors.ts';
import type { UserId } from '../messaging/ids.ts';
import { Following } from '../messaging/inbox/following.ts';
import type { InboxEvent } from '../messaging/inbox/log.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Viewer } from '../messaging/model.ts';
import type { SnapshotReader } from '../messaging/ports.ts';
import type { AnswerError } from './answer-errors.ts';
import { answerWhole } from './answer-whole.ts';
import { compiledToText, type TextExecution } from './compiled/compiled-operations.ts';
import { EventAnswers } from './event-answers.ts';
import type { Lifetime } from './identity.ts';
import type { Admit } from './limits/admission.ts';
import type { Quota } from './limits/quota.ts';
import type { Metrics } from './metrics.ts';
import { OperationContext } from './operation-context.ts';
import { SharedAnswers } from './shared-answers.ts';
import { findOperation, needsSnapshot } from './snapshot-query.ts';
import { WrittenAnswer } from './written-answer.ts';

/** What the transports know of a request. */
export interface RequestContext {
  readonly requestId: string;
  readonly identity: Viewer | null;
  /** What ends the subscriptions of this request; `null` when nothing does, or the transport sees to it itself. */
  readonly lifetime: Lifetime | null;
}

export interface ExecutorOptions {
  readonly messaging: Messaging;
  readonly openSnapshot: () => Promise<SnapshotReader>;
  readonly answerError: AnswerError;
  readonly admit: Admit;
  readonly subscriptionQuota: Quota;
  /** Of messages' texts, in one answer or event. */
  readonly maxAnswerCharacters: number;
  /** Whether errors in variables may say what else would have been right. */
  readonly suggestions: boolean;
  /** Whether operations are compiled, where that goes; else graphql executes all of them. */
  readonly compiles: boolean;
  readonly metrics: Metrics;
  /** An operation has shown that this viewer is a user no more. It is answered after this. */
  readonly onViewerGone: (viewer: UserId) => Promise<void>;
}

/** Executes operations, the same way for every transport. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #shared = new SharedAnswers();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Why a valid operation may not begin; `null` when it may. To be asked once for each. Promised only by who must wait. */
  refusal(args: ExecutionArgs): GraphQLError | null | Promise<GraphQLError | null> {
    const { requestId, identity } = args.contextValue as RequestContext;
    const { admit, answerError } = this.#options;
    const refused = (error: unknown) => answerError(error, requestId);
    try {
      return admit(args, identity)?.then(() => null, refused) ?? null;
    } catch (error) {
      return refused(error);
    }
  }

  /** A query or mutation. */
  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const result = await this.executeToText(args);
    return result instanceof WrittenAnswer ? result.toJSON() : result;
  }

  /**
   * The same, in words if it goes well and they are at hand. In a snapshot, if the operation asks for a place in the stream
   * beside its data; and also, at a second try, if something that it had begun to show was deleted before it had read all
   * of it.
   */
  async executeToText(args: ExecutionArgs): Promise<ExecutionResult> {
    const { messaging, metrics } = this.#options;
    const context = args.contextValue as RequestContext;
    const { identity } = context;
    const type = findOperation(args.document, args.operationName)?.operation ?? 'query';
    let result: ExecutionResult;
    try {
      const inSnapshot = identity !== null && needsSnapshot(args);
      result = await (inSnapshot
        ? this.#executeInSnapshot(args, identity)
        : this.#execute(args, identity, messaging));
      if (result.errors !== undefined) {
        const vanished = type === 'query' && !inSnapshot && result.errors.some(isOfVanished);
        if (vanished) result = await this.#executeInSnapshot(args, identity);
        result = await this.#answered(result, context);
      }
    } catch (error) {
      result = await this.#failure(error, context);
    }
    metrics.countOperation(type, result.errors === undefined ? 'ok' : 'error');
    return result;
  }

  async #executeInSnapshot(args: ExecutionArgs, identity: Viewer | null): Promise<ExecutionResult> {
    const { messaging, openSnapshot } = this.#options;
    const snapshot = await openSnapshot();
    try {
      return await this.#execute(args, identity, messaging.readingFrom(snapshot));
    } finally {
      await snapshot[Symbol.asyncDispose]();
    }
  }

  /** A subscription. Each event is answered with fresh loaders: those of the event before would be stale. */
  async subscribe(
    args: ExecutionArgs,
    onEnd = () => {},
  ): Promise<ExecutionResult | EventAnswers<InboxEvent>> {
    const context = args.contextValue as RequestContext;
    const { identity, lifetime } = context;
    const { metrics, subscriptionQuota } = this.#options;
    const leave = identity === null ? () => {} : subscriptionQuota.take(identity.id);
    if (leave === null)
      return this.#failure(new RateLimited('This user has too many subscriptions.'), context);
    const source = await this.#openSource(args, identity);
    const refused = !(source instanceof Following);
    metrics.countOperation('subscription', refused ? 'error' : 'ok');
    if (refused) {
      leave();
      return this.#answered(source, context);
    }
    const answer = this.#eventAnswers(args, identity);
    return new EventAnswers({
      source,
      answer: (event, signal) => {
        metrics.countEvent();
        return answerWhole(() => answer(event), signal);
      },
      answerFailure: (error) => this.#failure(error, context),
      lifetime,
      onEnd: () => {
        leave();
        onEnd();
      },
    });
  }

  async #openSource(args: ExecutionArgs, identity: Viewer | null): Promise<ExecutionResult | Following> {
    const contextValue = this.#context(identity, this.#options.messaging);
    try {
      const hideSuggestions = !this.#options.suggestions;
      const asked = { ...args, rootValue: undefined, contextValue, hideSuggestions };
      // What the resolver of the only subscription gives.
      return (await createSourceEventStream(asked)) as ExecutionResult | Following;
    } catch {
      // What resolvers throw comes as a result; graphql itself throws where @skip or @include leave no field at all.
      return { errors: [new GraphQLError('The subscription selects no field.')] };
    }
  }

  /** All devices of a user that follow with the same document share an event's answer. */
  #eventAnswers(args: ExecutionArgs, identity: Viewer | null) {
    const share = this.#shared.among(args, identity?.admin ? 'admin' : 'user');
    const compiled = this.#compiled(args);
    const find = async (event: InboxEvent) => {
      const asked = Object.assign({}, args, { rootValue: event });
      const result = await this.#execute(asked, identity, this.#options.messaging, compiled);
      const toShare = result.errors === undefined && !(result instanceof WrittenAnswer);
      return toShare ? new WrittenAnswer(JSON.stringify(result.data ?? null)) : result;
    };
    return (event: InboxEvent) => share(event, () => find(event));
  }

  /**
   * Compiled, where that goes. Where something is wrong the operation begins anew: only graphql's own execution says what
   * stands in its answer, and where.
   */
  #execute(
    args: ExecutionArgs,
    identity: Viewer | null,
    messaging: Messaging,
    executeCompiled = this.#compiled(args),
  ): Promise<ExecutionResult> {
    if (executeCompiled === null) return this.#executeByGraphQL(args, identity, messaging);
    return executeCompiled(this.#context(identity, messaging), args.rootValue).then(
      (data): ExecutionResult => new WrittenAnswer(data),
      (error: unknown) => {
        const again = error instanceof Unavailable ? messaging.unavailable(error) : messaging;
        return this.#executeByGraphQL(args, identity, again);
      },
    );
  }

  async #executeByGraphQL(
    args: ExecutionArgs,
    identity: Viewer | null,
    messaging: Messaging,
  ): Promise<ExecutionResult> {
    const contextValue = this.#context(identity, messaging);
    return await execute({ ...args, contextValue, hideSuggestions: !this.#options.suggestions });
  }

  #compiled(args: ExecutionArgs): TextExecution | null {
    return this.#options.compiles ? compiledToText(args) : null;
  }

  #context(identity: Viewer | null, messaging: Messaging): OperationContext {
    return new OperationContext(identity, messaging, this.#options.maxAnswerCharacters);
  }

  async #answered(result: ExecutionResult, context: RequestContext): Promise<ExecutionResult> {
    if (result.errors === undefined) return result;
    return { ...result, errors: await this.#answerErrors(result.errors, context) };
  }

  async #failure(error: unknown, context: RequestContext): Promise<ExecutionResult> {
    return { errors: await this.#answerErrors([error], context) };
  }

  async #answerErrors(errors: readonly unknown[], { requestId, identity }: RequestContext) {
    const { answerError, onViewerGone } = this.#options;
    if (identity !== null && errors.some(isOfViewerGone)) await onViewerGone(identity.id);
    return errors.map((error) => answerError(error, requestId));
  }
}

/** graphql's own error for a sender, receiver or peer who is there no more. */
function isOfVanished({ originalError }: GraphQLError): boolean {
  return originalError?.message.startsWith('Cannot return null for non-nullable field') ?? false;
}

function isOfViewerGone(error: unknown): boolean {
  return (error instanceof GraphQLError ? error.originalError : error) instanceof ViewerGone;
}
