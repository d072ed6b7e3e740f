import type { Pool } from 'pg';
import type { Contestant } from '../../contestants/contestant.ts';
import type { Connection } from '../../load/connection.ts';
import { requestOf } from '../../measure/entrant.ts';
import { adminAuthorizationOf } from '../../support/environment.ts';
import { DEEP_PAGE } from '../../workloads/deep-page.ts';
import type { Workload } from '../../workloads/workload.ts';
import { RECENT } from '../reads.ts';
import { reportBody } from '../scans.ts';
import type { IndexName } from './index-result.ts';

/** A server on a database that has all indexes, or all but one. */
export interface Site {
  readonly server: Contestant;
  readonly database: Pool;
  readonly connection: Connection;
}

/** Something that is read, and that some indexes could serve. */
export interface Probe {
  readonly name: string;
  readonly couldUse: readonly IndexName[];
  /** Does it for the i-th time. */
  prepare(site: Site): Promise<(i: number) => Promise<unknown>>;
}

const OF_PAIRS: readonly IndexName[] = [
  'idx_messages_sender',
  'idx_messages_receiver',
  'idx_msg_covering',
  'idx_messages_conversation',
];

const UNREAD = `SELECT u.external_id AS viewer, user_id AS "viewerId", peer_id AS "peerId"
  FROM conversations JOIN users u ON u.id = user_id WHERE unread_count > 0 ORDER BY hashint4(user_id), peer_id LIMIT 4000`;

const MARK: Omit<Workload, 'key' | 'contestants' | 'connections'> = {
  name: 'mark a conversation read',
  writes: true,
  path: '',
  document: `mutation ($input: MarkConversationReadInput!) { markConversationRead(input: $input) { markedCount } }`,
  async cases(database) {
    const { rows } = await database.query<{ viewer: string; peerId: number }>(UNREAD);
    return rows.map(({ viewer, peerId }) => ({
      viewer,
      variables: (naming) => ({ input: { with: naming.user(peerId) } }),
      check: async () => {},
    }));
  },
};

/**
 * The reads of the API, what the design gave its indexes for, and what the foreign keys need. Each is of so few that the first round, which does not count,
 * has read them all: it is the index that is compared, and not which copy is still in memory.
 */
export const PROBES: readonly Probe[] = [
  overApi(RECENT, OF_PAIRS),
  overApi(DEEP_PAGE, OF_PAIRS),
  overApi(MARK as Workload, ['idx_messages_unread', 'idx_messages_conversation']),
  report('report of one day', '2026-05-04T00:00:00Z', '2026-05-05T00:00:00Z', 'DAY'),
  report('report of the year', '2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'MONTH'),
  ofUser('SQL: all that a user has sent', 'SELECT * FROM messages WHERE sender_id = $1', [
    'idx_messages_sender',
    'idx_msg_covering',
    'idx_messages_conversation',
  ]),
  ofUser('SQL: all that a user has received', 'SELECT * FROM messages WHERE receiver_id = $1', [
    'idx_messages_receiver',
    'idx_messages_unread',
  ]),
  {
    name: 'SQL: texts from one to another',
    couldUse: OF_PAIRS,
    async prepare({ database }) {
      const { rows } = await database.query<{ one: number; other: number }>(
        `SELECT sender_id AS one, receiver_id AS other FROM bench_directions
         WHERE messages > 10 ORDER BY hashint4(sender_id), receiver_id LIMIT 200`,
      );
      return (i) => {
        const { one, other } = rows[i % rows.length] as { one: number; other: number };
        const text = `SELECT message_text, created_at, is_read FROM messages WHERE sender_id = $1 AND receiver_id = $2`;
        return database.query({ name: 'texts', text, values: [one, other] });
      };
    },
  },
  {
    name: 'SQL: a user is deleted',
    couldUse: [
      'idx_messages_sender',
      'idx_messages_receiver',
      'idx_msg_covering',
      'idx_messages_conversation',
    ],
    async prepare({ database }) {
      const ids = await someUsers(database);
      return async (i) => {
        const client = await database.connect();
        try {
          await client.query('BEGIN');
          await client.query('DELETE FROM users WHERE id = $1', [ids[i % ids.length]]);
          await client.query('ROLLBACK');
        } finally {
          client.release();
        }
      };
    },
  },
];

function overApi(work: Workload, couldUse: readonly IndexName[]): Probe {
  return {
    name: work.name,
    couldUse,
    async prepare({ server, database, connection }) {
      const cases = await work.cases(database);
      const requests = await Promise.all(cases.map((one) => requestOf(work, server, one)));
      return (i) => connection.send(requests[i % requests.length] as (typeof requests)[number]);
    },
  };
}

function report(name: string, since: string, until: string, interval: 'DAY' | 'MONTH'): Probe {
  return {
    name,
    couldUse: ['idx_messages_created'],
    async prepare({ connection }) {
      const authorization = await adminAuthorizationOf('person-1');
      return () =>
        connection.send({ path: '/graphql', authorization, body: reportBody(since, until, interval) });
    },
  };
}

function ofUser(name: string, text: string, couldUse: readonly IndexName[]): Probe {
  return {
    name,
    couldUse,
    async prepare({ database }) {
      const ids = await someUsers(database);
      return (i) => database.query({ name, text, values: [ids[i % ids.length]] });
    },
  };
}

/** Neither those who write most, nor the two of the long conversation. */
async function someUsers(database: Pool): Promise<readonly number[]> {
  const { rows } = await database.query<{ id: number }>(
    'SELECT id FROM users WHERE id > 10 AND id < (SELECT max(id) - 2 FROM users) ORDER BY hashint4(id) LIMIT 200',
  );
  return rows.map(({ id }) => id);
}
