import { LoadProcess } from '../support/load-process.ts';
import type { LoadAnswers } from './protocol.ts';

/** All who ask over HTTP. */
export type HttpLoad = LoadProcess<LoadAnswers>;

export const startHttpLoad = (): Promise<HttpLoad> =>
  LoadProcess.start<LoadAnswers>(new URL('main.ts', import.meta.url));
