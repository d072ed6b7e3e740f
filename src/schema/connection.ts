import type { Position } from '../messaging/ids.ts';
import { cursorEncoder, type ListScope, type Page } from '../messaging/page.ts';

/** A page as a Relay connection: each item beside its cursor in the list `scope`. */
export function toConnection<Item>(
  { items, hasNextPage, hasPreviousPage }: Page<Item>,
  scope: ListScope,
  position: (item: Item) => Position,
) {
  const cursorOf = cursorEncoder(scope);
  const edges = items.map((node) => ({ node, cursor: cursorOf(position(node)) }));
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

/** The types of a connection of `node`s, for `t.connection`: `UserConnection` and `UserEdge` for a `User`. */
export function connectionTypes(node: string, items: string) {
  return [
    { name: `${node}Connection`, description: `A page of ${items}. (Relay)` },
    { name: `${node}Edge`, description: 'An item of a page, and where it stands.' },
  ] as const;
}
