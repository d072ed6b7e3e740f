-- TRUNCATE of a table with partitions fires the trigger of each: the heads move once all the same. Who has no
-- conversation has no messages, so that nobody misses what is not told. Of one partition alone, what the others have stays.
CREATE OR REPLACE FUNCTION messages_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM conversations) THEN
        RETURN NULL;
    END IF;
    UPDATE inbox_heads SET seq = seq + 1;
    TRUNCATE inbox_events, conversations;
    DELETE FROM idempotency_keys k WHERE NOT EXISTS (SELECT FROM messages m WHERE m.id = k.message_id);
    INSERT INTO conversations (user_id, peer_id, last_created_at, last_id, unread_count)
    SELECT user_id, peer_id, max(created_at), (array_agg(id ORDER BY created_at DESC, id DESC))[1], sum(unread)
    FROM (
        SELECT receiver_id AS user_id, sender_id AS peer_id, created_at, id, (NOT is_read)::int AS unread FROM messages
        UNION ALL
        SELECT sender_id, receiver_id, created_at, id, 0 FROM messages WHERE receiver_id <> sender_id
    ) side
    GROUP BY user_id, peer_id;
    RETURN NULL;
END
$$;

-- Replacing has dropped the pinned search_path; the revoked right to execute it stays revoked, and is said here once more.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION messages_truncated() SET search_path = %I, pg_temp', current_schema());
    REVOKE EXECUTE ON FUNCTION messages_truncated() FROM PUBLIC;
END
$$;
