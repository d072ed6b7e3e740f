import type { Position } from '../messaging/ids.ts';
import { encodeCursor, type ListScope, type Page } from '../messaging/page.ts';

/** A page as a Relay connection: each item beside its cursor in the list `scope`. */
export function toConnection<Item>(
  { items, hasNextPage, hasPreviousPage }: Page<Item>,
  scope: ListScope,
  position: (item: Item) => Position,
) {
  const edges = items.map((node) => ({ node, cursor: encodeCursor(scope, position(node)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
