// The SQL of those peers that write theirs by hand: one statement a request. $1 is always the viewer's external id.

/** Message $2. */
export const MESSAGE = {
  name: 'message',
  text: `
    SELECT m.id, m.message_text, m.created_at, m.is_read, s.id, s.username, r.id, r.username
    FROM messages m JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.receiver_id
    WHERE m.id = $2 AND $1 IN (s.external_id, r.external_id)`,
};

/** $5 messages between the viewer and $2, older than time $3 and id $4: each direction cut by itself, then merged. */
export const CONVERSATION_PAGE = {
  name: 'conversation_page',
  text: `
    SELECT m.id, m.message_text, m.created_at, m.is_read, m.sender_id,
      viewer.id, viewer.username, peer.id, peer.username
    FROM users viewer CROSS JOIN users peer CROSS JOIN LATERAL (
      (SELECT id, sender_id, message_text, created_at, is_read FROM messages
      WHERE sender_id = viewer.id AND receiver_id = peer.id AND (created_at, id) < ($3::timestamptz, $4::bigint)
      ORDER BY created_at DESC, id DESC LIMIT $5)
      UNION ALL
      (SELECT id, sender_id, message_text, created_at, is_read FROM messages
      WHERE sender_id = peer.id AND receiver_id = viewer.id AND (created_at, id) < ($3::timestamptz, $4::bigint)
      ORDER BY created_at DESC, id DESC LIMIT $5)
    ) m
    WHERE viewer.external_id = $1 AND peer.id = $2
    ORDER BY m.created_at DESC, m.id DESC LIMIT $5`,
};

/** What comes before the newest message. */
export const NEWEST = ['infinity', '9223372036854775807'];

/** The viewer's $2 latest conversations. */
export const CONVERSATIONS = {
  name: 'conversations',
  text: `
    SELECT m.id, m.message_text, m.created_at, m.is_read, m.sender_id,
      c.user_id, viewer.username, c.peer_id, peer.username, c.unread_count
    FROM users viewer CROSS JOIN LATERAL (
      SELECT * FROM conversations WHERE user_id = viewer.id
      ORDER BY last_created_at DESC, last_id DESC LIMIT $2
    ) c
    JOIN users peer ON peer.id = c.peer_id
    JOIN messages m ON m.id = c.last_id
    WHERE viewer.external_id = $1
    ORDER BY c.last_created_at DESC, c.last_id DESC`,
};

/** Sends $3 to $2, into the table without triggers. */
export const SEND = {
  name: 'send',
  text: `
    INSERT INTO plain_messages (sender_id, receiver_id, message_text)
    VALUES ((SELECT id FROM users WHERE external_id = $1), $2, $3) RETURNING id, created_at`,
};

/** The same once under the key $4. Whoever comes again gets no row here; none does in this benchmark. */
export const SEND_ONCE = {
  name: 'send_once',
  text: `
    WITH next AS MATERIALIZED (
      SELECT nextval(pg_get_serial_sequence('plain_messages', 'id')) AS id, users.id AS sender_id
      FROM users WHERE external_id = $1
    ), kept AS (
      INSERT INTO plain_keys (sender_id, key, message_id) SELECT sender_id, $4, id FROM next
      ON CONFLICT (sender_id, key) DO NOTHING RETURNING message_id
    )
    INSERT INTO plain_messages (id, sender_id, receiver_id, message_text)
    SELECT next.id, next.sender_id, $2, $3 FROM next JOIN kept ON kept.message_id = next.id
    RETURNING id, created_at`,
};

/** Marks as read what $2 has sent to the viewer, in the table without triggers. */
export const MARK_READ = {
  name: 'mark_read',
  text: `
    WITH marked AS (
      UPDATE plain_messages SET is_read = true
      WHERE sender_id = $2 AND receiver_id = (SELECT id FROM users WHERE external_id = $1) AND NOT is_read
      RETURNING 1
    )
    SELECT count(*) FROM marked`,
};
