import { fileURLToPath } from 'node:url';
import { QuestionedProcess } from '../support/questioned-process.ts';
import type { Answers } from './load/protocol.ts';

const PRELOADED = [
  new URL('../../test/support/register-typescript.js', import.meta.url),
  new URL('../sockets/answer-questions.js', import.meta.url),
];
const LOAD = new URL('load/main.ts', import.meta.url);

/** The devices of one server's users and who writes to them, in a process of their own. */
export class LoadProcess implements AsyncDisposable {
  #isReady: () => void = () => {};
  readonly #process = new QuestionedProcess({
    arguments: [
      ...PRELOADED.flatMap(({ href }) => ['--import', href]),
      // Its own garbage must not make it late.
      '--max-semi-space-size=64',
      fileURLToPath(LOAD),
    ],
    environment: {},
    // All that it ever says of its own accord is that it is ready.
    onNews: () => this.#isReady(),
  });

  static async start(): Promise<LoadProcess> {
    const load = new LoadProcess();
    const ready = new Promise<void>((resolve) => {
      load.#isReady = resolve;
    });
    await Promise.race([ready, load.#process.failure()]);
    return load;
  }

  ask<Name extends keyof Answers>(
    question: Name,
    ...[argument]: Parameters<Answers[Name]>
  ): Promise<Awaited<ReturnType<Answers[Name]>>> {
    return this.#process.ask(question, argument);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
