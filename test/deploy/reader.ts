import { TestClient } from '../support/client.ts';
import type { PickNode } from './next-node.ts';

/** Asks the same query again and again, and tries none again that has failed. */
export class Reader implements AsyncDisposable {
  answers = 0;
  readonly failures: string[] = [];
  #going = true;
  readonly #done: Promise<void>;

  constructor(
    readonly name: string,
    readonly pick: PickNode,
    readonly query: string,
  ) {
    this.#done = this.#askAll();
  }

  async #askAll(): Promise<void> {
    while (this.#going) {
      await new TestClient(this.pick(this.answers), this.name)
        .data(this.query)
        .catch((error: unknown) => this.failures.push(String(error)));
      this.answers++;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#going = false;
    await this.#done;
  }
}
