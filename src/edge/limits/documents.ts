import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { QueryTooComplex } from '../../messaging/errors.ts';
import { checkShape, type ShapeLimits } from './document-shape.ts';

export interface DocumentLimits extends ShapeLimits {
  readonly maxTokens: number;
}

/** What graphql's parser throws past its option maxTokens. */
const TOO_MANY_TOKENS = /tokens\. Parsing aborted/;

/** Refuses documents that are too much as soon as they are read, before they are validated. */
export function boundsDocuments(limits: DocumentLimits): Plugin {
  const { maxTokens } = limits;
  /** The parser's cache gives a document that comes again as the same object. */
  const fine = new WeakSet<DocumentNode>();

  function excessOf(parsed: unknown): Error | null {
    if (parsed instanceof RangeError) return new QueryTooComplex('The document is nested too deep.');
    if (parsed instanceof Error)
      return TOO_MANY_TOKENS.test(parsed.message)
        ? new QueryTooComplex(`A document may have at most ${maxTokens} tokens.`)
        : null;
    if (fine.has(parsed as DocumentNode)) return null;
    try {
      checkShape(parsed as DocumentNode, limits);
    } catch (error) {
      return error as Error;
    }
    fine.add(parsed as DocumentNode);
    return null;
  }

  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens }));
      return ({ result, replaceParseResult }) => {
        const excess = excessOf(result);
        if (excess !== null) replaceParseResult(excess);
      };
    },
  };
}
