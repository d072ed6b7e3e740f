import type { PushStream } from '../../lib/push-stream.ts';
import { RateLimited } from '../../messaging/errors.ts';

export interface SocketOperationLimits {
  readonly maxOperations: number;
  readonly maxSubscriptions: number;
  readonly idleTimeoutMs: number;
}

type Stream = Pick<PushStream<unknown>, 'close'>;

/** One operation's place on its socket. */
export interface Place {
  /** Counts it among the subscriptions. @throws RateLimited when there are too many. */
  subscribe(): void;
  /** What to end when the socket is gone. */
  stream(events: Stream): void;
  /** Further calls do nothing. */
  leave(): void;
}

/**
 * What runs on one socket. It is known here and not from graphql-ws, which forgets an operation that the client calls
 * off, though it goes on; and, where the client then gives its id to another one, that one too.
 */
export class SocketOperations {
  #operations = 0;
  #subscriptions = 0;
  readonly #streams = new Set<Stream>();
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
    let stream: Stream | undefined;
    return {
      subscribe: () => {
        if (this.#subscriptions >= maxSubscriptions)
          throw new RateLimited(`A socket takes ${maxSubscriptions} subscriptions at a time.`);
        this.#subscriptions++;
        subscribed = true;
      },
      stream: (events) => {
        if (!held) return;
        stream = events;
        this.#streams.add(events);
      },
      leave: () => {
        if (!held) return;
        held = false;
        if (stream !== undefined) this.#streams.delete(stream);
        this.#operations--;
        if (subscribed) this.#subscriptions--;
        if (this.#operations === 0) this.#rest();
      },
    };
  }

  /** The socket is gone. */
  end(): void {
    for (const events of this.#streams) events.close();
    clearTimeout(this.#idle);
    this.#rest = () => {};
  }

  #rest = (): void => {
    this.#idle = setTimeout(this.#onIdle, this.#limits.idleTimeoutMs).unref();
  };
}
