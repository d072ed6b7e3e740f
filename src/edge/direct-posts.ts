import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DocumentNode, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Viewer } from '../messaging/model.ts';
import type { Executor, RequestContext } from './execute.ts';
import type { Authenticate, Identity } from './identity.ts';
import type { KnownDocuments } from './known-documents.ts';
import type { LearnedHeaders } from './learned-headers.ts';
import type { FindDocument, OperationRequest } from './listed-operations.ts';
import { WrittenAnswer } from './written-answer.ts';

export interface DirectPostOptions {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly authenticate: Authenticate;
  readonly findDocument: FindDocument;
  readonly documents: KnownDocuments;
  readonly headers: LearnedHeaders;
  readonly maxBodyBytes: number;
  /** Called for each that is answered here. */
  readonly onAnswer: () => void;
}

/** A request as it was read, for the long way to go on from. */
export interface ReadRequest {
  readonly bytes: Buffer;
  /** What was found out already; nothing is executed twice. */
  readonly known?:
    | { readonly identity: Viewer | null; readonly result: ExecutionResult }
    | { readonly authenticated: Promise<Identity | null> };
}

interface Parameters extends OperationRequest {
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

const PARAMETERS = new Set(['query', 'operationName', 'variables', 'extensions', 'documentId']);
const JSON_TYPE = /^application\/json *(?:;|$)/i;

/**
 * The short way of a POST whose document has been answered before: it gives the answers that Yoga would, without turning
 * the request into a `Request`, passing it through two dozen hooks and turning a `Response` back. It knows only good
 * answers to queries and mutations. All else goes the long way, which has the body and, if there is one, the result.
 */
export class DirectPosts {
  readonly #options: DirectPostOptions;

  constructor(options: DirectPostOptions) {
    this.#options = options;
  }

  /**
   * @param head what `take` gave
   * @returns `null` when it has been answered, or nobody is there any more; else what the long way needs
   */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    head: readonly string[],
  ): Promise<ReadRequest | null> {
    const bytes = await readBody(request);
    if (bytes === null) return null;
    const read = { bytes };
    const params = parse(bytes);
    const document = params && this.#findDocument(params);
    if (!params || !document) return read;
    const type = getOperationAST(document, params.operationName)?.operation;
    if (type === undefined || type === 'subscription') return read;
    let identity = this.#recall(request);
    if (identity === undefined) {
      const authenticated = this.#options.authenticate(request.headers.authorization);
      try {
        identity = (await authenticated)?.viewer ?? null;
      } catch {
        return { ...read, known: { authenticated } };
      }
    }

    const { schema, executor } = this.#options;
    const { operationName, variables } = params;
    const contextValue: RequestContext = { requestId, identity, lifetime: null };
    const args = { schema, document, operationName, variableValues: variables, contextValue };
    const refusing = executor.refusal(args);
    const refusal = refusing instanceof Promise ? await refusing : refusing;
    const result: ExecutionResult =
      refusal === null ? await executor.executeToText(args) : { errors: [refusal] };
    if (result.errors !== undefined) return { ...read, known: { identity, result } };
    const text = result instanceof WrittenAnswer ? result.json : JSON.stringify(result);
    response.writeHead(200, [
      ...head,
      'x-request-id',
      requestId,
      'content-length',
      `${Buffer.byteLength(text)}`,
    ]);
    response.end(text);
    this.#options.onAnswer();
    return null;
  }

  /** The headers of its answer, if this request may be one of these. */
  take(request: IncomingMessage): readonly string[] | undefined {
    const { method, headers } = request;
    const mayBe =
      method === 'POST' &&
      Number(headers['content-length']) <= this.#options.maxBodyBytes &&
      headers['content-encoding'] === undefined &&
      headers['transfer-encoding'] === undefined &&
      JSON_TYPE.test(headers['content-type'] ?? '');
    return mayBe ? this.#options.headers.of(request) : undefined;
  }

  #findDocument(params: Parameters): DocumentNode | undefined {
    try {
      const text = this.#options.findDocument(params);
      return text ? this.#options.documents.valid(text) : undefined;
    } catch {
      return undefined;
    }
  }

  /** @returns `undefined` for whom nobody remembers. Not a promise: most are remembered. */
  #recall({ headers: { authorization } }: IncomingMessage): Viewer | null | undefined {
    return authorization === undefined ? null : this.#options.authenticate.recall(authorization)?.viewer;
  }
}

/** `null` when the client has gone before it was whole. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    // Without a listener for it there is no event `error`.
    request.on('close', () => resolve(null));
  });
}

/** `null` for what is no request, or one that only the long way understands. */
function parse(bytes: Buffer): Parameters | null {
  if (!isUtf8(bytes)) return null;
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    return null;
  }
  if (!isObject(body)) return null;
  for (const name in body) if (!PARAMETERS.has(name)) return null;
  const { query, operationName, variables, extensions } = body;
  const fine =
    isAbsent(query, typeof query === 'string') &&
    isAbsent(operationName, typeof operationName === 'string') &&
    isAbsent(variables, isObject(variables)) &&
    isAbsent(extensions, isObject(extensions));
  return fine ? (body as Parameters) : null;
}

function isAbsent(value: unknown, fine: boolean): boolean {
  return value === undefined || value === null || fine;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
