import type pg from 'pg';
import type { UserId } from '../../../../src/messaging/ids.ts';
import { poolExecutor } from '../../../../src/storage/executor.ts';
import { inboxLog } from '../../../../src/storage/inbox-log.ts';
import { createPrisma } from '../../../../src/storage/prisma.ts';
import { normalizedReader } from '../../../../src/storage/readers/normalized.ts';
import { LOG_ENDS } from '../../../../src/storage/statements/replication.ts';
import { userDirectory } from '../../../../src/storage/user-directory.ts';
import { PEER_MESSAGES, PERSON } from '../fill.ts';
import type { Bounds } from '../judge.ts';
import type { Landmarks } from '../landmarks.ts';

/** What a server asks for itself or for many at once, which no single operation shows; and what that may cost. */
export interface StorageCall extends Bounds {
  readonly what: string;
  readonly call: (pool: pg.Pool, at: Landmarks) => Promise<unknown>;
}

const A_FEW = 10;
const PAGE_SIZE = 100;
/** Viewers whose requests come in the same turn of the event loop. */
const CROWD = 50;

const inbox = (pool: pg.Pool) => inboxLog(poolExecutor(pool));
const everyone = (count: number, after: bigint) =>
  Array.from({ length: count }, (_, i) => ({ userId: (i + 1) as UserId, after }));

const sweeps = [1, 100, 5_000].flatMap((count): StorageCall[] => [
  {
    what: `which of ${count} logs have moved`,
    call: (pool) => inbox(pool).moved(everyone(count, 1n)),
    rows: count + A_FEW,
    indexes: ['inbox_heads_pkey'],
  },
  {
    what: `which of ${count} users are gone`,
    async call(pool) {
      const users = everyone(count, 0n).map(({ userId: id }) => ({ id, externalId: `u${id}` }));
      const prisma = createPrisma(pool);
      await userDirectory(prisma, poolExecutor(pool)).gone(users);
      await prisma.$disconnect();
    },
    rows: count + A_FEW,
    indexes: ['users_pkey'],
  },
]);

const inboxPages = [0n, 35_000n, 68_990n].map(
  (after): StorageCall => ({
    what: `a page of events after ${after} of 69,000`,
    call: (pool) => inbox(pool).read(everyone(1, after), PAGE_SIZE),
    rows: PAGE_SIZE + A_FEW,
    indexes: ['inbox_events_pkey'],
  }),
);

/** Before each read of these viewers, where replicas are set; the end of a log, its epoch, and the server's own state. */
const ends = [1, 50, 1_000].map(
  (count): StorageCall => ({
    what: `where ${count} logs end`,
    call: (pool) => poolExecutor(pool).run(LOG_ENDS, [everyone(count, 0n).map(({ userId }) => userId)]),
    rows: 2 * count + A_FEW,
    indexes: ['inbox_heads_pkey'],
  }),
);

const crowd = Array.from({ length: CROWD }, (_, i) => (PERSON.firstPeer + i) as UserId);
const alice = PERSON.alice as UserId;
const newest = { direction: 'forward', limit: 20, after: null, before: null } as const;

/** Each of the crowd has a short conversation with alice. */
const reads: readonly StorageCall[] = [
  {
    what: 'the events of many users',
    call: (pool) => inbox(pool).read(everyone(PAGE_SIZE, 0n), PAGE_SIZE),
    // The users, their heads, and at most so many events of each.
    rows: PAGE_SIZE * (PAGE_SIZE + 2),
    indexes: ['inbox_events_pkey'],
  },
  {
    what: 'the message pages of many viewers',
    call: together((reader, viewer) => reader.messagePage(viewer, alice, newest)),
    rows: CROWD * (PEER_MESSAGES + A_FEW),
    indexes: ['idx_messages_conversation'],
  },
  {
    what: 'the conversation lists of many viewers',
    call: together((reader, viewer) => reader.conversationPage(viewer, newest)),
    rows: CROWD * A_FEW,
    indexes: ['conversations_pkey'],
  },
  {
    what: 'a conversation of each of many viewers',
    call: together((reader, viewer) => reader.conversationStates(viewer, [alice])),
    rows: CROWD * 4,
    indexes: ['conversations_pkey'],
  },
  {
    what: 'many single messages',
    call: together((reader, _, at, i) => reader.messages(alice, [at.message('long', 2 * i)])),
    rows: CROWD * 4,
    indexes: ['messages_pkey'],
  },
  {
    what: 'many single users',
    call: together((reader, viewer) => reader.users([viewer])),
    rows: CROWD * 2,
    indexes: ['users_pkey'],
  },
];

export const STORAGE_CALLS: readonly StorageCall[] = [...sweeps, ...inboxPages, ...ends, ...reads];

type Read = (
  reader: ReturnType<typeof normalizedReader>,
  viewer: UserId,
  at: Landmarks,
  i: number,
) => Promise<unknown>;

/** What each of the crowd reads, in the same turn of the event loop. */
function together(read: Read): StorageCall['call'] {
  return (pool, at) => {
    const reader = normalizedReader(poolExecutor(pool));
    return Promise.all(crowd.map((viewer, i) => read(reader, viewer, at, i)));
  };
}
