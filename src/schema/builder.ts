import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { Context } from './context.ts';
import { decodeGlobalId, encodeGlobalId } from './global-id.ts';
import { requiresViewer } from './requires-viewer.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    DateTime: { Input: string; Output: string };
    ID: { Input: string; Output: string };
  };
}>({
  plugins: [requiresViewer, RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    encodeGlobalID: encodeGlobalId,
    decodeGlobalID: decodeGlobalId,
    idFieldOptions: { description: 'Global: no other object has it, and it never changes.' },
    nodeTypeOptions: { description: 'An object that can be loaded again by its global id.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    pageInfoTypeOptions: { description: 'Where a page ends, and whether more follows. (Relay)' },
    hasNextPageFieldOptions: { description: 'Whether items follow the page.' },
    hasPreviousPageFieldOptions: { description: 'Whether items precede the page.' },
    startCursorFieldOptions: { description: 'The cursor of the first edge; null on an empty page.' },
    endCursorFieldOptions: { description: 'The cursor of the last edge; null on an empty page.' },
    cursorType: 'String',
    cursorFieldOptions: {
      description: 'Where this edge stands, for `after` and `before`.',
      extensions: { isPlainText: true },
    },
    edgesFieldOptions: { nullable: false, description: 'The items of the page, each with its cursor.' },
    nodeFieldOptions: { nullable: false, description: 'The item itself.' },
    pageInfoFieldOptions: { description: 'Where the page ends, and whether more follows.' },
    firstArgOptions: { description: 'How many from the start: 1 to 100, 20 by default.' },
    lastArgOptions: { description: 'How many from the end: 1 to 100. Not together with `first`.' },
    afterArgOptions: { description: 'Only what follows this cursor.' },
    beforeArgOptions: { description: 'Only what precedes this cursor.' },
  },
});

builder.queryType({ description: 'What the viewer can read.' });
builder.mutationType({ description: 'What the viewer can do.' });
builder.subscriptionType({ description: 'What the viewer can follow.' });
