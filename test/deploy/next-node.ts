/** The addresses of the nodes. They keep them when they are started again. */
export type Urls = readonly [string, ...string[]];

/** Which node to ask at this turn; an address of GraphQL. */
export type PickNode = (turn: number) => string;

export function inTurn(urls: readonly string[]): PickNode {
  return (turn) => urls[turn % urls.length] as string;
}

/** How long a client waits before it goes to the next node. */
export const RETRY_PAUSE_MS = 20;
