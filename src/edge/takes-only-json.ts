import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';

/** Any page may post a form or plain text with its reader's rights; JSON only after the browser has asked (CORS). */
export const takesOnlyJson: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (request.method === 'GET' && requestParser) setRequestParser(refusingSyntaxErrors(requestParser));
    const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (request.method === 'POST' && type !== 'application/json')
      throw refusedRequest(415, 'A POST takes the content type application/json.');
    if (request.method === 'POST') setRequestParser(readJson);
  },
};

/** Yoga's own parser turns bytes that are no UTF-8 into U+FFFD, and these would be stored instead of what was sent. */
async function readJson(request: Request): Promise<GraphQLParams> {
  const text = decode(await readBody(request));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refusedRequest(400, 'POST body sent invalid JSON.');
  }
  if (typeof body !== 'object' || body === null) throw refusedRequest(400, 'The body is no JSON object.');
  if (Array.isArray(body)) throw refusedRequest(400, 'A request takes one operation, not an array of them.');
  return body as GraphQLParams;
}

async function readBody(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch (error) {
    // Too large, as Yoga says; or the client has gone, and nobody is there to read this.
    throw error instanceof GraphQLError ? error : refusedRequest(400, 'The body broke off.');
  }
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusedRequest(400, 'The body is no UTF-8.');
  }
}

type RequestParser = NonNullable<Parameters<NonNullable<Plugin['onRequestParse']>>[0]['requestParser']>;

/** In a URL, `variables` and `extensions` are JSON. Yoga takes what JSON.parse throws for a fault of its own. */
function refusingSyntaxErrors(parse: RequestParser): RequestParser {
  return (request) => {
    try {
      return parse(request);
    } catch (error) {
      throw error instanceof SyntaxError
        ? refusedRequest(400, 'The parameters of the URL are no JSON.')
        : error;
    }
  };
}

/** Gives HTTP's status to a request that is none of GraphQL's. */
export function refusedRequest(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status } } });
}
