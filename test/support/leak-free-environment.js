import { setTimeout as delay } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

/** How long what a test file has closed may take to go. */
const SETTLE_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 10;

/** Node's environment, in which a test file fails that leaves a socket, a timer, a server or a child process behind. */
export default class LeakFreeEnvironment extends TestEnvironment {
  #before = process.getActiveResourcesInfo();

  async teardown() {
    await super.teardown();
    const deadline = performance.now() + SETTLE_TIMEOUT_MS;
    let left = this.#leftOpen();
    while (left.length > 0 && performance.now() < deadline) {
      await delay(POLL_INTERVAL_MS);
      left = this.#leftOpen();
    }
    if (left.length > 0)
      throw new Error(`left open ${SETTLE_TIMEOUT_MS} ms after its last test: ${left.join(', ')}`);
  }

  #leftOpen() {
    const left = process.getActiveResourcesInfo();
    for (const resource of this.#before) {
      const index = left.indexOf(resource);
      if (index >= 0) left.splice(index, 1);
    }
    return left;
  }
}
