import { Unauthenticated } from '../messaging/errors.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Viewer } from '../messaging/model.ts';
import type { Context } from '../schema/context.ts';

/** The resolvers' context of one operation, or of one event of a subscription. */
export class OperationContext implements Context {
  constructor(
    private readonly identity: Viewer | null,
    readonly messaging: Messaging,
  ) {}

  get viewer(): Viewer {
    if (this.identity === null)
      throw new Unauthenticated('Send a token, as the header "Authorization: Bearer <token>".');
    return this.identity;
  }
}
