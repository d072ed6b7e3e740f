import { RateLimited } from '../../messaging/errors.ts';

export interface SocketOperationLimits {
  readonly maxOperations: number;
  readonly maxSubscriptions: number;
  readonly idleTimeoutMs: number;
}

/** One operation's place on its socket. */
export interface Place {
  /** Counts it among the subscriptions. @throws RateLimited when there are too many. */
  subscribe(): void;
  /** Further calls do nothing. */
  leave(): void;
}

/**
 * What runs on one socket. It is counted here and not by graphql-ws, which forgets an operation that the client calls
 * off, though it goes on.
 */
export class SocketOperations {
  #operations = 0;
  #subscriptions = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #limits: SocketOperationLimits;
  readonly #onIdle: () => void;

  /** @param onIdle called when nothing has run for as long as is allowed */
  constructor(limits: SocketOperationLimits, onIdle: () => void) {
    this.#limits = limits;
    this.#onIdle = onIdle;
    this.#rest();
  }

  /** @throws RateLimited when too many run. */
  begin(): Place {
    const { maxOperations, maxSubscriptions } = this.#limits;
    if (this.#operations >= maxOperations)
      throw new RateLimited(`A socket takes ${maxOperations} operations at a time.`);
    this.#operations++;
    clearTimeout(this.#idle);
    let [held, subscribed] = [true, false];
    return {
      subscribe: () => {
        if (this.#subscriptions >= maxSubscriptions)
          throw new RateLimited(`A socket takes ${maxSubscriptions} subscriptions at a time.`);
        this.#subscriptions++;
        subscribed = true;
      },
      leave: () => {
        if (!held) return;
        held = false;
        this.#operations--;
        if (subscribed) this.#subscriptions--;
        if (this.#operations === 0) this.#rest();
      },
    };
  }

  /** The socket is gone. */
  end(): void {
    clearTimeout(this.#idle);
    this.#rest = () => {};
  }

  #rest = (): void => {
    this.#idle = setTimeout(this.#onIdle, this.#limits.idleTimeoutMs).unref();
  };
}
