import { LoadProcess } from '../support/load-process.ts';
import type { Answers } from './load/protocol.ts';

/** All clients of one server. */
export type SocketLoad = LoadProcess<Answers>;

export const startSocketLoad = (): Promise<SocketLoad> =>
  LoadProcess.start<Answers>(new URL('load/main.ts', import.meta.url));
