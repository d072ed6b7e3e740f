import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { SEND } from '../support/messages.ts';
import { type PickNode, RETRY_PAUSE_MS } from './next-node.ts';

/** A client that has no answer by then has lost its message for good. */
const GIVE_UP_MS = 30_000;

interface Input {
  readonly receiverId: string;
  readonly messageText: string;
  readonly idempotencyKey: string;
}

/**
 * Sends one message after another until told to stop. What has no answer, or UNAVAILABLE, is tried again with its key on
 * another node until it is acknowledged; any other refusal ends it.
 */
export class Sender implements AsyncDisposable {
  /** In order, and acknowledged. */
  readonly sent: string[] = [];
  /** Why something was tried again. */
  readonly failures: string[] = [];
  #going = true;
  readonly #done: Promise<void>;

  constructor(
    readonly name: string,
    readonly pick: PickNode,
    readonly receiverId: string,
  ) {
    this.#done = this.#sendAll();
    this.#done.catch(() => {}); // told by goesOn() and stop()
  }

  async #sendAll(): Promise<void> {
    for (let i = 0; this.#going; i++) {
      const messageText = `${this.name} ${i}`;
      await this.#untilAcknowledged(
        { receiverId: this.receiverId, messageText, idempotencyKey: messageText },
        i,
      );
      this.sent.push(messageText);
    }
  }

  async #untilAcknowledged(input: Input, turn: number): Promise<void> {
    const start = performance.now();
    for (let attempt = turn; ; attempt++) {
      const failure = await this.#try(input, attempt);
      if (failure === null) return;
      this.failures.push(failure);
      if (performance.now() - start > GIVE_UP_MS) throw new Error(`${input.messageText}: ${failure}`);
      await delay(RETRY_PAUSE_MS);
    }
  }

  /** @returns why nobody knows whether it was carried out; `null` when it was. @throws what else was answered. */
  async #try(input: Input, turn: number): Promise<string | null> {
    let errors: Answer['errors'];
    try {
      ({ errors } = await new TestClient(this.pick(turn), this.name).ask(SEND, { input }));
    } catch (error) {
      // By which fetch says that the connection broke; what is not JSON was answered.
      if ((error as Error).name === 'TypeError') return String(error);
      throw error;
    }
    if (errors === undefined) return null;
    if (errors[0]?.extensions.code === 'UNAVAILABLE') return JSON.stringify(errors);
    throw new Error(`${input.messageText}: ${JSON.stringify(errors)}`);
  }

  /** Waits until this many more have been sent. @throws what a message was lost by. */
  async goesOn(count: number): Promise<void> {
    const goal = this.sent.length + count;
    const reached = eventually(() => this.sent.length >= goal, { withinMs: GIVE_UP_MS });
    await Promise.race([reached, this.#done]);
  }

  /** Ends with everything acknowledged that was begun. @throws the same. */
  async stop(): Promise<void> {
    this.#going = false;
    await this.#done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#going = false;
    await this.#done.catch(() => {});
  }
}

/** Waits until each has sent this many more. */
export async function allGoOn(senders: readonly Sender[], count: number): Promise<void> {
  await Promise.all(senders.map((sender) => sender.goesOn(count)));
}
