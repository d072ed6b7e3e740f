import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';

/** Characters of all documents kept; what is parsed takes some hundred times as much memory. */
const MAX_CHARACTERS = 500_000;
/** Clients that matter send the same documents again, and none this long. */
const MAX_DOCUMENT_CHARACTERS = 20_000;

/**
 * Parsed documents by their text, and which of them are valid. Yoga's own cache counts documents, whatever their size,
 * and a few huge ones fill it.
 */
export class KnownDocuments {
  /** For Yoga's parser. */
  readonly parsed = new LRUCache<string, DocumentNode>({
    maxSize: MAX_CHARACTERS,
    maxEntrySize: MAX_DOCUMENT_CHARACTERS,
    sizeCalculation: (_, text) => text.length + 1,
  });
  readonly #valid = new WeakSet<DocumentNode>();

  /** Notes those that pass. Has to come last, after every rule. */
  readonly noting: Plugin = {
    onValidate:
      ({ params }) =>
      ({ valid }) => {
        if (valid) this.#valid.add(params.documentAST);
      },
  };

  /** The document of this text, if it was found valid before. */
  valid(text: string): DocumentNode | undefined {
    const document = this.parsed.get(text);
    return document !== undefined && this.#valid.has(document) ? document : undefined;
  }
}

/** Keeps nothing: a document that does not parse costs least to refuse again, and its errors name their request. */
export const NO_CACHE = { get: () => undefined, set: () => {} };
