import { type OutgoingHttpHeaders, request } from 'node:http';
import type { Target } from '../target.ts';
import { describeReply } from './reply.ts';

/** How long an answer may take before it counts as none. */
const PATIENCE_MS = 10_000;

export interface HttpRequest {
  readonly method?: string;
  /** With the query of the URL. */
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer | undefined;
  /** Whose request it is: mallory's unless said; `null` is nobody's. */
  readonly token?: string | null;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const EVENT = /^data: .+$/m;
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };

/** One request on a connection of its own. @throws when there is no answer. */
export function exchange(
  target: Target,
  { method = 'GET', path = '/graphql', headers = {}, body, token = target.cast.mallory.token }: HttpRequest,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const call = request(new URL(target.origin), {
      agent: false,
      method,
      path,
      headers: {
        accept: JSON_HEADERS.accept,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      timeout: PATIENCE_MS,
    });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      const endless = response.headers['content-type']?.startsWith('text/event-stream');
      response.on('data', (chunk) => {
        chunks.push(chunk);
        // A stream of events has no end of its own; the first one tells enough.
        if (endless && EVENT.test(Buffer.concat(chunks).toString())) response.destroy();
      });
      response.on('close', () => {
        const body = Buffer.concat(chunks).toString();
        target.hear(body);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      // A refusal may come while the body is still being sent; what goes wrong then is no news.
      call.off('error', reject).on('error', () => {});
      response.on('error', () => {});
    });
    call.end(body);
  });
}

/** The same in words: "405 BAD_USER_INPUT", or "cut" when the connection ends without an answer. */
export async function http(target: Target, request: HttpRequest): Promise<string> {
  try {
    const { status, body } = await exchange(target, request);
    return describeReply(status, body);
  } catch (error) {
    return error instanceof Error && error.message === 'no answer' ? error.message : 'cut';
  }
}

type Posted = Pick<HttpRequest, 'headers' | 'token'>;

/** Posts `body`, as it stands or as JSON. */
export function post(target: Target, body: unknown, { headers, ...more }: Posted = {}): Promise<string> {
  return http(target, {
    ...more,
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** Asks as one does. */
export function ask(
  target: Target,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  more: Posted = {},
): Promise<string> {
  return post(target, { query, variables }, more);
}

export function get(
  target: Target,
  parameters: Readonly<Record<string, string>>,
  more: HttpRequest = {},
): Promise<string> {
  return http(target, { ...more, path: `/graphql?${new URLSearchParams(parameters)}` });
}
