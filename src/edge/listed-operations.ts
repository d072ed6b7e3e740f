import { readFile } from 'node:fs/promises';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { BadUserInput, Forbidden } from '../messaging/errors.ts';

/** What a client sends of an operation. */
export interface OperationRequest {
  readonly query?: string | null | undefined;
  /** GraphQL over HTTP, appendix A: Persisted Documents. */
  readonly documentId?: unknown;
  /** `persistedQuery.sha256Hash`, as Apollo's clients send it. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Gives the document that a client means. @throws BadUserInput or Forbidden when it may not be run. */
export type FindDocument = (request: OperationRequest) => string | undefined;

/**
 * Operations that are known beforehand: clients may send their ids instead of their texts, and, with `onlyListed`, no
 * other ones.
 */
export function createFindDocument(list: ReadonlyMap<string, string>, onlyListed: boolean): FindDocument {
  const documents = new Set(list.values());
  return ({ query, documentId, extensions }) => {
    const id = documentId ?? hashIn(extensions);
    if (id === undefined || id === null) {
      if (onlyListed && query && !documents.has(query))
        throw new Forbidden('This server runs only the operations on its list, by their ids.');
      return query ?? undefined;
    }
    const listed = typeof id === 'string' ? list.get(id.replace(/^sha256:/, '')) : undefined;
    if (listed === undefined && (onlyListed || !query))
      throw new BadUserInput('documentId', onlyListed ? NOT_LISTED : SEND_THE_TEXT);
    return listed ?? query ?? undefined;
  };
}

const NOT_LISTED = 'There is no operation with this id on the list of this server.';
/** Apollo's clients know this sentence, and send the text then. */
const SEND_THE_TEXT = 'PersistedQueryNotFound';

function hashIn(extensions: OperationRequest['extensions']): unknown {
  return (extensions?.['persistedQuery'] as { sha256Hash?: unknown } | null | undefined)?.sha256Hash;
}

/**
 * Reads `{"<id>": "<document>", …}`, the form that GraphQL Code Generator and Relay write.
 * @throws with the file's fault, when it is no such list or has an operation that this schema does not take.
 */
export async function readOperations(
  file: string,
  schema: GraphQLSchema,
): Promise<ReadonlyMap<string, string>> {
  try {
    const list: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof list !== 'object' || list === null || Array.isArray(list))
      throw new Error('it takes a JSON object of documents by their ids');
    for (const [id, document] of Object.entries(list)) checkListed(id, document, schema);
    return new Map(Object.entries(list));
  } catch (error) {
    throw new Error(`OPERATIONS_FILE ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function checkListed(id: string, document: unknown, schema: GraphQLSchema): void {
  if (typeof document !== 'string') throw new Error(`${id} is no text`);
  let fault: Error | undefined;
  try {
    [fault] = validate(schema, parse(document));
  } catch (error) {
    fault = error as Error;
  }
  if (fault !== undefined) throw new Error(`${id} cannot be run here: ${fault.message}`);
}
