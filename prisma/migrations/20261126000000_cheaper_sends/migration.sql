-- The trigger of every send, in fewer and simpler passes: what a statement costs before its first row was most of what
-- sending one message cost (npm run bench -- --only send). What it writes, and its lock order, are as before.
CREATE OR REPLACE FUNCTION messages_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    -- As in queue_for_inboxes(), whose locks these are.
    advisory_lock_class CONSTANT INT := 1885434732;
    slots CONSTANT INT := 1024;
    bulk CONSTANT INT := 16;
    message RECORD;
    queue INT[];
    -- Assigning a lock's empty answer takes it without a query.
    taken TEXT;
BEGIN
    SELECT count(*) AS rows, min(sender_id) AS sender_id, min(receiver_id) AS receiver_id, min(id) AS id,
        min(created_at) AS created_at, count(*) FILTER (WHERE NOT is_read) AS unread
    INTO message FROM inserted;

    IF message.rows = 0 THEN
        RETURN NULL;
    END IF;

    -- One message alone needs no counting and sorting: it has two sides, or one when it is to oneself.
    IF message.rows = 1 THEN
        taken := pg_advisory_xact_lock(advisory_lock_class,
            least(message.sender_id % slots, message.receiver_id % slots));
        taken := pg_advisory_xact_lock(advisory_lock_class,
            greatest(message.sender_id % slots, message.receiver_id % slots));

        WITH head AS (
            INSERT INTO inbox_heads AS h (user_id, seq)
            SELECT user_id, 1
            FROM (VALUES
                (least(message.sender_id, message.receiver_id), true),
                (greatest(message.sender_id, message.receiver_id), message.receiver_id <> message.sender_id)
            ) side (user_id, exists)
            WHERE exists
            ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + 1
            RETURNING h.user_id, h.seq
        )
        INSERT INTO inbox_events (user_id, seq, kind, message_ids, message_created_ats, created_at)
        -- The clock is read under the head's lock, so that times, too, rise along one log.
        SELECT user_id, seq, 'sent', ARRAY[message.id], ARRAY[message.created_at], clock_timestamp() FROM head;

        INSERT INTO conversations AS c (user_id, peer_id, last_created_at, last_id, unread_count)
        SELECT user_id, peer_id, message.created_at, message.id, unread
        FROM (VALUES
            (message.receiver_id, message.sender_id, message.unread, true),
            (message.sender_id, message.receiver_id, 0, message.receiver_id <> message.sender_id)
        ) side (user_id, peer_id, unread, exists)
        WHERE exists
        ORDER BY user_id
        ON CONFLICT (user_id, peer_id) DO UPDATE SET
            unread_count = c.unread_count + excluded.unread_count,
            last_created_at = greatest(c.last_created_at, excluded.last_created_at),
            last_id = CASE WHEN (excluded.last_created_at, excluded.last_id) > (c.last_created_at, c.last_id)
                THEN excluded.last_id ELSE c.last_id END;
        RETURN NULL;
    END IF;

    queue := ARRAY(
        SELECT receiver_id % slots AS slot FROM inserted UNION SELECT sender_id % slots FROM inserted ORDER BY slot);
    IF cardinality(queue) <= bulk THEN
        FOR place IN 1 .. cardinality(queue) LOOP
            taken := pg_advisory_xact_lock(advisory_lock_class, queue[place]);
        END LOOP;
    END IF;

    WITH side AS (
        SELECT receiver_id AS user_id, id, created_at FROM inserted
        UNION ALL
        SELECT sender_id, id, created_at FROM inserted WHERE receiver_id <> sender_id
    ), head AS (
        INSERT INTO inbox_heads AS h (user_id, seq)
        SELECT user_id, count(*) FROM side GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + excluded.seq
        RETURNING h.user_id, h.seq
    )
    INSERT INTO inbox_events (user_id, seq, kind, message_ids, message_created_ats, created_at)
    -- The head is where a user's last one goes, and each other one stands as far before it as there are more to come.
    SELECT user_id,
        h.seq + 1 - count(*) OVER (PARTITION BY user_id ORDER BY s.id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
        'sent', ARRAY[s.id], ARRAY[s.created_at], clock_timestamp()
    FROM side s JOIN head h USING (user_id);

    INSERT INTO conversations AS c (user_id, peer_id, last_created_at, last_id, unread_count)
    SELECT user_id, peer_id, max(created_at), (array_agg(id ORDER BY created_at DESC, id DESC))[1], sum(unread)
    FROM (
        SELECT receiver_id AS user_id, sender_id AS peer_id, created_at, id, (NOT is_read)::int AS unread FROM inserted
        UNION ALL
        SELECT sender_id, receiver_id, created_at, id, 0 FROM inserted WHERE receiver_id <> sender_id
    ) side
    GROUP BY user_id, peer_id
    ORDER BY user_id, peer_id
    ON CONFLICT (user_id, peer_id) DO UPDATE SET
        unread_count = c.unread_count + excluded.unread_count,
        last_created_at = greatest(c.last_created_at, excluded.last_created_at),
        last_id = CASE WHEN (excluded.last_created_at, excluded.last_id) > (c.last_created_at, c.last_id)
            THEN excluded.last_id ELSE c.last_id END;
    RETURN NULL;
END
$$;

-- Replacing has dropped the pinned search_path; the revoked right to execute it stays revoked, and is said here once more.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION messages_inserted() SET search_path = %I, pg_temp', current_schema());
    REVOKE EXECUTE ON FUNCTION messages_inserted() FROM PUBLIC;
END
$$;
