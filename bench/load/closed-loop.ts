import { summarize } from '../support/statistics.ts';
import type { Connection } from './connection.ts';
import type { LoadReport, LoadRequest } from './protocol.ts';

/** Sends what `next` gives on every connection, one request after another, until it gives none. */
export async function runClosedLoop(
  connections: readonly Connection[],
  next: () => LoadRequest | undefined,
): Promise<LoadReport> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (let request = next(); request !== undefined; request = next()) {
        const sentAt = performance.now();
        await connection.send(request);
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  return {
    requests: latencies.length,
    ms: performance.now() - startedAt,
    latency: summarize(latencies),
  };
}
