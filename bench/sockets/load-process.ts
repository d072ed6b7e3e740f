import { fileURLToPath } from 'node:url';
import { testEnvironment } from '../../test/support/server.ts';
import { QuestionedProcess } from '../support/questioned-process.ts';
import type { Answers, News } from './load/protocol.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PRELOADED = ['../../test/support/register-typescript.js', 'answer-questions.js'];

/** All clients of one server, in a process of their own. */
export class LoadProcess implements AsyncDisposable {
  #onProgress: (done: number) => void = () => {};
  #onReady: () => void = () => {};
  readonly #process = new QuestionedProcess({
    arguments: [
      ...PRELOADED.flatMap((file) => ['--import', fileOf(file)]),
      // Its own garbage must not make it late.
      '--max-semi-space-size=64',
      fileOf('load/main.ts'),
    ],
    environment: testEnvironment(''),
    onNews: (news) => this.#hear(news as News),
  });

  static async start(): Promise<LoadProcess> {
    const load = new LoadProcess();
    const ready = new Promise<void>((resolve) => {
      load.#onReady = resolve;
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

  /** Who hears of what is done of the question that is being answered. */
  onProgress(listener: (done: number) => void): void {
    this.#onProgress = listener;
  }

  #hear(news: News): void {
    if (news === 'ready') this.#onReady();
    else this.#onProgress(news.done);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
