import { LoadProcess } from '../support/load-process.ts';
import type { Answers } from './load/protocol.ts';

/** The devices of one server's users, and who writes to them. */
export type PushLoad = LoadProcess<Answers>;

export const startPushLoad = (): Promise<PushLoad> =>
  LoadProcess.start<Answers>(new URL('load/main.ts', import.meta.url));
