import type { Person } from './people.ts';

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** A connection, with each node cut down to one text that tells it from the others. */
interface ReadPage {
  readonly items: readonly string[];
  readonly cursors: readonly string[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const PARAMETERS = '$first: Int, $after: String, $last: Int, $before: String';
const ARGUMENTS = 'first: $first, after: $after, last: $last, before: $before';
const PAGE_INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export const MESSAGE_PAGE = `query ($with: ID!, ${PARAMETERS}) {
  conversation(with: $with) { messages(${ARGUMENTS}) { edges { cursor node { messageText } } ${PAGE_INFO} } }
}`;

export const CONVERSATION_PAGE = `query (${PARAMETERS}) {
  conversations(${ARGUMENTS}) { edges { cursor node { peer { username } } } ${PAGE_INFO} }
}`;

/** A list that can be read by pages: of messages (by their texts) or of conversations (by their peers' names). */
export type PagedList = (page: PageArguments) => Promise<ReadPage>;

export function messagesBetween(viewer: Person, peer: Person): PagedList {
  return async (page) => {
    const { conversation } = await viewer.client.data(MESSAGE_PAGE, { with: peer.id, ...page });
    return toPage(conversation.messages, (node) => node['messageText'] as string);
  };
}

export function conversationsOf(viewer: Person): PagedList {
  return async (page) => {
    const { conversations } = await viewer.client.data(CONVERSATION_PAGE, { ...page });
    return toPage(conversations, (node) => (node['peer'] as { username: string }).username);
  };
}

interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: Readonly<Record<string, unknown>> }[];
  readonly pageInfo: ReadPage['pageInfo'];
}

function toPage(
  { edges, pageInfo }: Connection,
  itemOf: (node: Connection['edges'][number]['node']) => string,
) {
  return {
    items: edges.map(({ node }) => itemOf(node)),
    cursors: edges.map(({ cursor }) => cursor),
    pageInfo,
  };
}

/** All items, read page by page from the start. @throws when a page that has a next one is empty. */
export async function walkForward(list: PagedList, first: number): Promise<string[]> {
  const items: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: ReadPage = await list({ first, after });
    items.push(...page.items);
    if (!page.pageInfo.hasNextPage) return items;
    after = page.pageInfo.endCursor;
    if (after === null) throw new Error('an empty page with a next one');
  }
}

/** The same from the end. */
export async function walkBackward(list: PagedList, last: number): Promise<string[]> {
  const items: string[] = [];
  for (let before: string | null = null; ; ) {
    const page: ReadPage = await list({ last, before });
    items.unshift(...page.items);
    if (!page.pageInfo.hasPreviousPage) return items;
    before = page.pageInfo.startCursor;
    if (before === null) throw new Error('an empty page with a previous one');
  }
}
