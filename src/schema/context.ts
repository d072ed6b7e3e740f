import type { Messaging } from '../messaging/messaging.ts';
import type { Viewer } from '../messaging/model.ts';
import type { Loaders } from './loaders.ts';

/** What resolvers get. A new one for each operation and for each event of a subscription: its loaders cache. */
export interface Context {
  /** @throws Unauthenticated when the request came without a token. */
  readonly viewer: Viewer;
  readonly messaging: Messaging;
  readonly loaders: Loaders;
  /** Counts a message's text that is shown, at each place where it is. @throws QueryTooComplex when it is one too many. */
  show(messageText: string): string;
}
