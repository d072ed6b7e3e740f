import { GraphQLError, Kind } from 'graphql';
import { parseTimestamp } from '../lib/rfc3339.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'A time by RFC 3339, given out in UTC with microseconds: `2026-11-22T10:00:00.123456Z`.',
  serialize: (timestamp) => timestamp,
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});

function parse(value: unknown): string {
  const timestamp = typeof value === 'string' ? parseTimestamp(value) : null;
  if (timestamp === null)
    throw new GraphQLError('DateTime takes a time by RFC 3339, such as "2026-11-22T10:00:00Z".');
  return timestamp;
}
