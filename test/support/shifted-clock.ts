import { fileURLToPath } from 'node:url';
import { type NodeProcess, startNodeProcess } from './node-process.ts';

const PRELOAD = fileURLToPath(new URL('./clock-preload.js', import.meta.url));

/** A server whose wall clock can jump while it runs, and nobody else's with it. */
export interface NodeWithOwnClock extends NodeProcess {
  /** Forward, or back where it is negative. @returns what time it is there now, in milliseconds since 1970. */
  shiftClock(milliseconds: number): Promise<number>;
}

/** Like `startNodeProcess`. */
export async function startNodeWithOwnClock(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeWithOwnClock> {
  const node = await startNodeProcess(databaseUrl, environment, ['--import', PRELOAD]);
  return { ...node, shiftClock: async (milliseconds) => (await node.ask(milliseconds)) as number };
}
