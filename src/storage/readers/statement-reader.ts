import { batchPerTick } from '../../lib/batch-per-tick.ts';
import { inParts } from '../../lib/in-parts.ts';
import type { UserId } from '../../messaging/ids.ts';
import type {
  ListedConversation,
  Message,
  MessageWithPeople,
  User,
  WithPeople,
} from '../../messaging/model.ts';
import type { Page } from '../../messaging/page.ts';
import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import { CUTS, type Cut, cutOf, type WantedPage } from '../page-statement.ts';
import type { Statement } from '../statement.ts';
import { CONVERSATION_STATES } from '../statements/conversation-states.ts';
import { INBOX_END } from '../statements/inbox.ts';
import type { MessagesRequest } from '../statements/messages.ts';
import { UNREAD_COUNT } from '../statements/unread-count.ts';
import { USER_BY_NAME, USERS } from '../statements/users.ts';

/** Rows that one statement is asked for at most: the requests of others wait for all of them. */
const MAX_ROWS_A_STATEMENT = 1_000;

/** What strategies differ in: where the names of people come from. */
export interface Sources {
  readonly messages: (
    executor: Executor,
    requests: readonly MessagesRequest[],
  ) => Promise<readonly (readonly (MessageWithPeople | null)[])[]>;
  readonly messagePages: ReadPages<Message>;
  readonly conversationPages: ReadPages<ListedConversation & WithPeople>;
}

/** All of the pages are cut alike. */
type ReadPages<Item> = (
  executor: Executor,
  cut: Cut,
  wanted: readonly WantedPage[],
) => Promise<readonly (Page<Item> & WithPeople)[]>;

/**
 * Reads by one statement at a time. Requests that wait in the same turn of the event loop share it (16 connections: npm run
 * bench shows how many a request is left with).
 */
export function statementReader(executor: Executor, sources: Sources): MessageReader {
  const users = batchPerTick((requests: readonly (readonly UserId[])[]) => readUsers(executor, requests), {
    maxSize: MAX_ROWS_A_STATEMENT,
    sizeOf: ({ length }) => length,
  });
  const messages = batchPerTick(
    (requests: readonly MessagesRequest[]) => sources.messages(executor, requests),
    {
      maxSize: MAX_ROWS_A_STATEMENT,
      sizeOf: ({ ids }) => ids.length,
    },
  );
  const conversationStates = batchPerTick(
    (requests: readonly StatesRequest[]) => readStates(executor, requests),
    { maxSize: MAX_ROWS_A_STATEMENT, sizeOf: ({ peers }) => peers.length },
  );
  const messagePage = pagesPerTick(executor, sources.messagePages);
  const conversationPage = pagesPerTick(executor, sources.conversationPages);
  return {
    users,
    async userByName(username) {
      return (await executor.run(USER_BY_NAME, [username]))[0] ?? null;
    },
    messages: (viewer, ids) => messages({ viewer, ids }),
    messagePage: (viewer, peer, page) => messagePage({ list: [viewer, peer], page }),
    conversationStates: (viewer, peers) => conversationStates({ viewer, peers }),
    conversationPage: (viewer, page) => conversationPage({ list: [viewer], page }),
    unreadCount: (viewer) => one(executor, UNREAD_COUNT, viewer),
    inboxEnd: (viewer) => one(executor, INBOX_END, viewer),
  };
}

async function readUsers(executor: Executor, requests: readonly (readonly UserId[])[]) {
  const found = new Map<UserId, User>();
  for (const user of await executor.run(USERS, [[...new Set(requests.flat())]])) found.set(user.id, user);
  return requests.map((ids) => ids.map((id) => found.get(id) ?? null));
}

interface StatesRequest {
  readonly viewer: UserId;
  readonly peers: readonly UserId[];
}

async function readStates(executor: Executor, requests: readonly StatesRequest[]) {
  const viewers = requests.flatMap(({ viewer, peers }) => peers.map(() => viewer));
  const states = await executor.run(CONVERSATION_STATES, [viewers, requests.flatMap(({ peers }) => peers)]);
  return inParts(
    states,
    requests.map(({ peers }) => peers.length),
  );
}

/** Pages that are cut alike wait for each other, and for no others. */
function pagesPerTick<Item>(
  executor: Executor,
  read: ReadPages<Item>,
): (wanted: WantedPage) => Promise<Page<Item> & WithPeople> {
  const perTick = (cut: Cut) =>
    batchPerTick((wanted: readonly WantedPage[]) => read(executor, cut, wanted), {
      maxSize: MAX_ROWS_A_STATEMENT,
      sizeOf: ({ page }) => page.limit,
    });
  const batches = new Map(CUTS.map((cut) => [cut, perTick(cut)]));
  return (wanted) => (batches.get(cutOf(wanted.page)) as ReturnType<typeof perTick>)(wanted);
}

async function one<Row>(executor: Executor, statement: Statement<Row>, viewer: UserId): Promise<Row> {
  const [row] = await executor.run(statement, [viewer]);
  if (row === undefined) throw new Error(`${statement.name} gave no row`);
  return row;
}
