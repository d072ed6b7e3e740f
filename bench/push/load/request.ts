import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Summary, summarize } from '../../support/statistics.ts';
import { MESSAGE_FIELDS } from './message-fields.ts';

const QUERY = `query ($id: ID!) { message(id: $id) { ${MESSAGE_FIELDS} } }`;

export interface MessageRequest {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  readonly authorization: string;
  /** The message's. */
  readonly id: string;
}

/** The latencies (milliseconds) of `count` requests, one after the other over one connection. @throws on a wrong answer. */
export async function timeRequests(asked: MessageRequest, count: number): Promise<Summary> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = JSON.stringify({ query: QUERY, variables: { id: asked.id } });
  const latencies: number[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const from = performance.now();
      const answer = await post(agent, asked, body);
      latencies.push(performance.now() - from);
      if (JSON.parse(answer).data?.message?.id !== asked.id) throw new Error(`a wrong answer: ${answer}`);
    }
  } finally {
    agent.destroy();
  }
  return summarize(latencies);
}

function post(agent: Agent, { url, authorization }: MessageRequest, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    request(url, { agent, method: 'POST', headers }, (response) => text(response).then(resolve, reject))
      .on('error', reject)
      .end(body);
  });
}
