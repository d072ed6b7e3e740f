import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { parseTimestamp } from '../lib/rfc3339.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'A time by RFC 3339, given out in UTC with microseconds: `2026-11-22T10:00:00.123456Z`.',
  extensions: { isPlainText: true },
  serialize: (timestamp) => timestamp,
  parseValue: (value) => parse(value),
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined, node),
});

/** @throws with the place in the document, if the value stands there: graphql adds none. */
function parse(value: unknown, node?: ValueNode): string {
  const timestamp = typeof value === 'string' ? parseTimestamp(value) : null;
  if (timestamp === null)
    throw new GraphQLError('DateTime takes a time by RFC 3339, such as "2026-11-22T10:00:00Z".', {
      nodes: node ?? null,
    });
  return timestamp;
}
