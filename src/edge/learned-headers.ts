import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';

/** Different ways of asking that are remembered. */
const MAX_WAYS = 100;
/** Nobody asks at such length. */
const MAX_WAY_CHARACTERS = 1_000;
/** Of one answer alone. */
const OWN = new Set([
  'x-request-id',
  'content-length',
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
]);

/**
 * The headers of good answers. They depend on what the client accepts and on the page that asks, by rules that Yoga has
 * (content negotiation, CORS); they are taken from its first answer to each, instead of having these rules twice.
 */
export class LearnedHeaders {
  readonly #byWay = new LRUCache<string, readonly string[]>({ max: MAX_WAYS });
  /** The last that were asked for: nearly all clients ask alike. */
  #last: { accept: string | undefined; origin: string | undefined; known: readonly string[] } | null = null;

  /** As names and values in turn, in the form of `writeHead`; `undefined` as long as they are not known. */
  of(request: IncomingMessage): readonly string[] | undefined {
    const { accept, origin } = request.headers;
    if (this.#last !== null && this.#last.accept === accept && this.#last.origin === origin)
      return this.#last.known;
    const known = this.#byWay.get(wayOf(request));
    if (known !== undefined) this.#last = { accept, origin, known };
    return known;
  }

  /** To be told of each good answer to a POST that Yoga has given. */
  learn(request: IncomingMessage, response: ServerResponse): void {
    const way = wayOf(request);
    const type = String(response.getHeader('content-type'));
    if (response.statusCode !== 200 || !type.includes('json') || way.length > MAX_WAY_CHARACTERS) return;
    const headers = Object.entries(response.getHeaders()).filter(([name]) => !OWN.has(name));
    this.#last = null;
    this.#byWay.set(
      way,
      headers.flatMap(([name, value]) => [name, String(value)]),
    );
  }
}

function wayOf({ headers }: IncomingMessage): string {
  return `${headers.accept ?? ''}\n${headers.origin ?? ''}`;
}
