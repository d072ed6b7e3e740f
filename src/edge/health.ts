import type { ServerResponse } from 'node:http';

/** Why this server cannot serve now; `null` when it can. */
export type ReadinessCheck = () => Promise<string | null>;

/** 200 as long as the process can answer at all. */
export function answerLive(response: ServerResponse): void {
  answer(response, 200, { status: 'live' });
}

/** 200 when requests can be served; 503 with the reason when not. */
export async function answerReady(response: ServerResponse, notReady: ReadinessCheck): Promise<void> {
  const reason = await notReady();
  answer(
    response,
    reason === null ? 200 : 503,
    reason === null ? { status: 'ready' } : { status: 'not ready', reason },
  );
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
