import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Any page may post a form or plain text with its reader's rights; JSON only after the browser has asked (CORS). */
export const takesOnlyJson: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (request.method === 'GET' && requestParser) setRequestParser(refusingSyntaxErrors(requestParser));
    const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (request.method === 'POST' && type !== 'application/json')
      throw refusedRequest(415, 'A POST takes the content type application/json.');
  },
};

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
