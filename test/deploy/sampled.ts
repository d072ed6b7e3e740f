import type { NodeProcess } from '../support/node-process.ts';

/** One of the node's metrics. */
export async function sampled(node: NodeProcess, name: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', node.url))).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
}
