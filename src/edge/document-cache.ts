import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Characters of all documents kept; what is parsed takes some hundred times as much memory. */
const MAX_CHARACTERS = 500_000;
/** Clients that matter send the same documents again, and none this long. */
const MAX_DOCUMENT_CHARACTERS = 20_000;

/** Parsed documents by their text. Yoga's own cache counts documents, whatever their size, and a few huge ones fill it. */
export function createDocumentCache(): LRUCache<string, DocumentNode> {
  return new LRUCache<string, DocumentNode>({
    maxSize: MAX_CHARACTERS,
    maxEntrySize: MAX_DOCUMENT_CHARACTERS,
    sizeCalculation: (_, text) => text.length + 1,
  });
}

/** Keeps nothing: a document that does not parse costs least to refuse again, and its errors name their request. */
export const NO_CACHE = { get: () => undefined, set: () => {} };
