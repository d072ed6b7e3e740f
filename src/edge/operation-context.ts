import { boundedReader } from '../messaging/bounded-reader.ts';
import { Unauthenticated } from '../messaging/errors.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Viewer } from '../messaging/model.ts';
import { TextBudget } from '../messaging/text-budget.ts';
import type { Context } from '../schema/context.ts';
import { Loaders } from '../schema/loaders.ts';

/** The resolvers' context of one operation, or of one event of a subscription. */
export class OperationContext implements Context {
  readonly messaging: Messaging;
  readonly loaders = new Loaders(this);
  readonly #shown: TextBudget;

  /** @param maxCharacters of messages that it may load, and of those that it may show */
  constructor(
    private readonly identity: Viewer | null,
    messaging: Messaging,
    maxCharacters: number,
  ) {
    this.messaging = messaging.readingFrom(boundedReader(messaging.reader, maxCharacters));
    this.#shown = new TextBudget(maxCharacters);
  }

  show(messageText: string): string {
    return this.#shown.take(messageText);
  }

  get viewer(): Viewer {
    if (this.identity === null)
      throw new Unauthenticated('Send a token, as the header "Authorization: Bearer <token>".');
    return this.identity;
  }
}
