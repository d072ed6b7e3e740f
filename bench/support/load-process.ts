import { fileURLToPath } from 'node:url';
import { QuestionedProcess } from './questioned-process.ts';

/** What a load says of its own accord: that it can be asked, and how much of the question at hand is done. */
export type LoadNews = 'ready' | { readonly done: number };

type Asked<Answers> = { [Name in keyof Answers]: (argument: never) => unknown };

const PRELOADED = [
  new URL('../../test/support/register-typescript.js', import.meta.url),
  new URL('../sockets/answer-questions.js', import.meta.url),
];

/** Clients in a process of their own, which does what it is asked. */
export class LoadProcess<Answers extends Asked<Answers>> implements AsyncDisposable {
  #onProgress: (done: number) => void = () => {};
  readonly #process: QuestionedProcess;

  private constructor(script: URL, onReady: () => void) {
    this.#process = new QuestionedProcess({
      arguments: [
        ...PRELOADED.flatMap(({ href }) => ['--import', href]),
        // Its own garbage must not make it late.
        '--max-semi-space-size=64',
        fileURLToPath(script),
      ],
      environment: {},
      onNews: (news) => {
        if (news === 'ready') onReady();
        else this.#onProgress((news as Exclude<LoadNews, 'ready'>).done);
      },
    });
  }

  /** @param script whose process answers these questions */
  static async start<Answers extends Asked<Answers>>(script: URL): Promise<LoadProcess<Answers>> {
    let isReady = () => {};
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const load = new LoadProcess<Answers>(script, () => isReady());
    await Promise.race([ready, load.#process.failure()]);
    return load;
  }

  ask<Name extends keyof Answers & string>(
    question: Name,
    ...[argument]: Parameters<Answers[Name]>
  ): Promise<Awaited<ReturnType<Answers[Name]>>> {
    return this.#process.ask(question, argument);
  }

  /** Who hears of what is done of the question that is being answered. */
  onProgress(listener: (done: number) => void): void {
    this.#onProgress = listener;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
