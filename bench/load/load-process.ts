import { fileURLToPath } from 'node:url';
import { QuestionedProcess } from '../support/questioned-process.ts';
import type { LoadAnswers } from './protocol.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PRELOADED = ['../../test/support/register-typescript.js', '../sockets/answer-questions.js'];

/** All clients, in a process of their own. */
export class LoadProcess implements AsyncDisposable {
  #onReady: () => void = () => {};
  readonly #process = new QuestionedProcess({
    arguments: [
      ...PRELOADED.flatMap((file) => ['--import', fileOf(file)]),
      // Its own garbage must not make it late.
      '--max-semi-space-size=64',
      fileOf('main.ts'),
    ],
    environment: {},
    onNews: () => this.#onReady(),
  });

  static async start(): Promise<LoadProcess> {
    const load = new LoadProcess();
    const ready = new Promise<void>((resolve) => {
      load.#onReady = resolve;
    });
    await Promise.race([ready, load.#process.failure()]);
    return load;
  }

  ask<Name extends keyof LoadAnswers>(
    question: Name,
    ...[argument]: Parameters<LoadAnswers[Name]>
  ): Promise<Awaited<ReturnType<LoadAnswers[Name]>>> {
    return this.#process.ask(question, argument);
  }

  /** Rejects when it ends, with what it wrote last. */
  failure(): Promise<never> {
    return this.#process.failure();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
