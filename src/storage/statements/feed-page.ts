import type { Timestamp } from '../../lib/rfc3339.ts';
import type { UserId } from '../../messaging/ids.ts';
import type { Message } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { messageFlags, messageInList, messageText, theMessage } from '../rows.ts';
import { FEED, FEED_ENDS, FEED_REFRESH, TOO_OLD } from '../scaling/materializing/feed.ts';

/** Where the viewer's log names more messages than this since the last refresh, the table is the shorter way. */
const MOST_NAMED = 100;

/**
 * `named`: the messages, by number and time, that the viewer's log names since the last refresh, and whether these are all
 * that have changed. Each write that concerns a user is in their log, in the writer's own transaction; but retention and
 * TRUNCATE leave holes, and other users may follow under the same ids, in another epoch.
 */
const NAMED_SINCE_REFRESH = `
      CROSS JOIN LATERAL (
        SELECT coalesce((SELECT seq FROM ${FEED_ENDS} WHERE user_id = wanted.viewer), 0) AS noted,
          coalesce((SELECT seq FROM inbox_heads WHERE user_id = wanted.viewer), 0) AS head
        OFFSET 0
      ) log
      CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids, array_agg(created_at) AS times,
          count(*) <= ${MOST_NAMED} AND count(*) FILTER (WHERE place = 1) = log.head - log.noted
            AND EXISTS (SELECT FROM ${FEED_REFRESH} WHERE only_row AND begun_at > now() - interval '${TOO_OLD}'
              AND epoch = (SELECT epoch FROM inbox_epoch WHERE only_row)) AS are_all
        FROM (
          SELECT message.* FROM inbox_events e
          CROSS JOIN unnest(e.message_ids, e.message_created_ats) WITH ORDINALITY AS message (id, created_at, place)
          WHERE e.user_id = wanted.viewer AND e.seq > log.noted AND e.seq <= log.noted + ${MOST_NAMED}
          LIMIT ${MOST_NAMED + 1}
        ) event
      ) named`;

const COLUMNS = 'id, sender_id, receiver_id, message_text, full_text, created_at, is_read';
const NAMES = 'sender_username, sender_created_at, receiver_username, receiver_created_at';
/** What is read from the table comes without. */
const NO_NAMES = 'NULL, NULL, NULL, NULL';

/** The array first: it holds few numbers, and hardly ever the one. */
const IS_NOT_NAMED = `(id <> ALL (named.ids) OR NOT EXISTS (
      SELECT FROM unnest(named.ids, named.times) AS one (id, created_at)
      WHERE one.id = ${FEED}.id AND one.created_at = ${FEED}.created_at))`;

/** Both directions, each in the order of an index; see message-page.ts. */
function eachWay(columns: string, from: string, condition: string, end: string): string {
  const select = `SELECT ${columns} FROM ${from} WHERE ${condition}`;
  return `
    (${select} AND sender_id = wanted.viewer AND receiver_id = wanted.peer AND ${end})
    UNION ALL
    (${select} AND sender_id = wanted.peer AND receiver_id = wanted.viewer AND wanted.viewer <> wanted.peer AND ${end})`;
}

/** Of what is not in the view. Who has a message is there, too: the foreign key says so. */
const personOf = (side: 'sender' | 'receiver') => `
    LEFT JOIN LATERAL (
      SELECT username, created_at FROM users WHERE id = page.${side}_id AND page.${side}_username IS NULL LIMIT 1
    ) ${side} ON true`;

const personColumns = (side: 'sender' | 'receiver') => [
  `coalesce(page.${side}_username, ${side}.username)`,
  `coalesce(page.${side}_created_at, ${side}.created_at)`,
];

/**
 * The messages between viewer and peer: from the view, but for those that have changed since it was refreshed, which come
 * from the table as they are now. Where it is not known which these are, or they are many, all come from the table. One
 * statement, so one snapshot of view, log and table.
 */
export const readFeedPages = pageReader<Message>({
  name: 'feed_page',
  selectors: ['viewer', 'peer'],
  beforePage: NAMED_SINCE_REFRESH,
  list: (keyCondition, order, limit) => {
    const end = `${keyCondition} ORDER BY ${order} LIMIT ${limit}`;
    return `${eachWay(`${COLUMNS}, ${NAMES}`, FEED, `named.are_all AND ${IS_NOT_NAMED}`, end)}
    UNION ALL
    (SELECT ${COLUMNS}, ${NO_NAMES} FROM (
      SELECT one.id, one.created_at, m.sender_id, m.receiver_id, m.message_text, m.full_text, m.is_read
      FROM (SELECT DISTINCT * FROM unnest(named.ids, named.times) AS one (id, created_at)) one
      JOIN ${theMessage('m', 'one.id', 'one.created_at')}
    ) changed
    WHERE named.are_all AND ((sender_id = wanted.viewer AND receiver_id = wanted.peer)
      OR (sender_id = wanted.peer AND receiver_id = wanted.viewer)) AND ${end})
    UNION ALL ${eachWay(`${COLUMNS}, ${NO_NAMES}`, 'messages', 'NOT named.are_all', end)}`;
  },
  key: ['created_at', 'id'],
  columns: [
    'page.id::bigint',
    messageText('page'),
    'page.created_at',
    ...personColumns('sender'),
    ...personColumns('receiver'),
  ],
  join: `${personOf('sender')}${personOf('receiver')}`,
  flags: messageFlags('page'),
  item(columns, at, flags, list) {
    const [viewer, peer] = list as [UserId, UserId];
    return messageInList(columns, at, flags, viewer, peer);
  },
  peopleOf(columns, at, flags, list) {
    const [viewer, peer] = list as [UserId, UserId];
    const { senderId, receiverId } = messageInList(columns, at, flags, viewer, peer);
    const [senderName, senderSince, receiverName, receiverSince] = columns.slice(at + 3) as [
      string,
      Timestamp,
      string,
      Timestamp,
    ];
    return [
      { id: senderId, username: senderName, createdAt: senderSince },
      { id: receiverId, username: receiverName, createdAt: receiverSince },
    ];
  },
});
