-- The inbox: for each user a log without holes, written in the writer's own transaction by the triggers below,
-- and beside it the conversation list with its unread counts.
--
-- Lock order, the same for every writer, so that they cannot deadlock:
--   users (the foreign keys' share locks), messages by id, inbox heads by user id, conversations.
-- Other programs break it with several writes in one transaction, MERGE, a deletion of several users, people changed
-- on existing messages while users are deleted, and (without any trigger, too) UPDATE or ON CONFLICT DO UPDATE of
-- several messages in no order: then one of them fails with 40P01, and nothing is lost.
-- None of these tables has a foreign key: it would take locks on users after those on heads.

CREATE TABLE inbox_heads (
    user_id INT PRIMARY KEY,
    seq BIGINT NOT NULL
) WITH (fillfactor = 50);

-- In this order the events of one statement enter the log: a message that moves is first deleted, then sent.
CREATE TYPE inbox_event_kind AS ENUM ('deleted', 'sent', 'changed', 'read');

CREATE TABLE inbox_events (
    user_id INT NOT NULL,
    seq BIGINT NOT NULL,
    kind inbox_event_kind NOT NULL,
    reader_id INT,
    message_ids BIGINT[],
    message_created_ats TIMESTAMPTZ[],
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, seq)
);
-- For retention alone; a B-tree here would cost every send.
CREATE INDEX idx_inbox_events_created ON inbox_events USING brin (created_at);

CREATE TABLE conversations (
    user_id INT NOT NULL,
    peer_id INT NOT NULL,
    last_created_at TIMESTAMPTZ NOT NULL,
    last_id BIGINT NOT NULL,
    unread_count INT NOT NULL,
    PRIMARY KEY (user_id, peer_id)
) WITH (fillfactor = 50);

CREATE TABLE inbox_epoch (
    only_row BOOLEAN PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch UUID NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO inbox_epoch DEFAULT VALUES;

-- Two databases that could both have handed out sequence n for one user differ in this value: it changes with
-- a dump restored elsewhere (system, database), and with a promoted replica or point-in-time recovery (timeline).
-- Only a primary can tell: a standby answers "recovery is in progress".
CREATE FUNCTION current_inbox_epoch() RETURNS text LANGUAGE sql STABLE
    RETURN left(md5(concat_ws('/',
        (SELECT epoch FROM inbox_epoch),
        (SELECT system_identifier FROM pg_control_system()),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8))), 12);

-- What one message's change means to one user.
CREATE TYPE inbox_effect AS (
    user_id INT,
    kind inbox_event_kind,
    reader_id INT,
    message_id BIGINT,
    message_created_at TIMESTAMPTZ
);

-- Queueing here, and not on the head's row, lets one hot user take more where commits wait for the disk.
-- Slots, and none for bulk writers, because the shared lock table is small (some 6,400 entries) and a transaction of
-- many statements keeps them all.
CREATE FUNCTION queue_for_inboxes(users INT[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    advisory_lock_class CONSTANT INT := 1885434732;
    slots CONSTANT INT := 1024;
    bulk CONSTANT INT := 16;
BEGIN
    IF cardinality(users) <= bulk THEN
        PERFORM pg_advisory_xact_lock(advisory_lock_class, slot)
        FROM (SELECT DISTINCT u % slots AS slot FROM unnest(users) u ORDER BY slot) queue;
    END IF;
END
$$;

-- Appends to the logs of all users concerned: one event for each sent message, else at most 100 messages an event.
-- An array holds the effects of some 10 million messages; TRUNCATE is for more.
CREATE FUNCTION append_to_inboxes(effects inbox_effect[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM queue_for_inboxes(ARRAY(SELECT DISTINCT user_id FROM unnest(effects)));

    WITH chunked AS (
        SELECT e.*,
            (row_number() OVER (PARTITION BY e.user_id, e.kind, e.reader_id ORDER BY e.message_id) - 1)
                / CASE e.kind WHEN 'sent' THEN 1 ELSE 100 END AS chunk
        FROM unnest(effects) e
    ), event AS (
        SELECT user_id, kind, reader_id,
            array_agg(message_id ORDER BY message_id) AS message_ids,
            array_agg(message_created_at ORDER BY message_id) AS message_created_ats
        FROM chunked
        GROUP BY user_id, kind, reader_id, chunk
    ), head AS (
        INSERT INTO inbox_heads AS h (user_id, seq)
        SELECT user_id, count(*) FROM event GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + excluded.seq
        RETURNING h.user_id, h.seq
    )
    INSERT INTO inbox_events (user_id, seq, kind, reader_id, message_ids, message_created_ats, created_at)
    -- The clock is read under the heads' locks, so that times, too, rise along one log.
    SELECT user_id,
        h.seq - count(*) OVER (PARTITION BY user_id)
            + row_number() OVER (PARTITION BY user_id ORDER BY e.kind, e.message_ids),
        e.kind, e.reader_id, e.message_ids, e.message_created_ats, clock_timestamp()
    FROM event e JOIN head h USING (user_id);
END
$$;

-- What a change of messages means to one user's list entry for one peer. Unread counts change only by a
-- difference: a recount inside a trigger would miss what other transactions have not committed yet.
CREATE TYPE conversation_change AS (
    user_id INT,
    peer_id INT,
    unread INT,
    last_may_differ BOOLEAN
);

CREATE FUNCTION adjust_conversations(changes conversation_change[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations c SET unread_count = c.unread_count + d.unread
    FROM (SELECT user_id, peer_id, sum(unread) AS unread FROM unnest(changes) GROUP BY 1, 2) d
    WHERE c.user_id = d.user_id AND c.peer_id = d.peer_id AND d.unread <> 0;

    IF NOT EXISTS (SELECT FROM unnest(changes) WHERE last_may_differ) THEN
        RETURN;
    END IF;

    WITH touched AS (
        SELECT d.user_id, d.peer_id, sum(d.unread) AS unread, last.created_at, last.id
        FROM unnest(changes) d
        LEFT JOIN LATERAL (
            -- Each direction's own limit: without it PostgreSQL reads and sorts the whole conversation.
            SELECT m.created_at, m.id
            FROM (
                (SELECT created_at, id FROM messages WHERE sender_id = d.user_id AND receiver_id = d.peer_id
                    ORDER BY created_at DESC, id DESC LIMIT 1)
                UNION ALL
                (SELECT created_at, id FROM messages WHERE sender_id = d.peer_id AND receiver_id = d.user_id
                    ORDER BY created_at DESC, id DESC LIMIT 1)
            ) m
            ORDER BY created_at DESC, id DESC LIMIT 1
        ) last ON true
        GROUP BY d.user_id, d.peer_id, last.created_at, last.id
        HAVING bool_or(d.last_may_differ)
    ), gone AS (
        DELETE FROM conversations c USING touched t
        WHERE c.user_id = t.user_id AND c.peer_id = t.peer_id AND t.id IS NULL
    )
    INSERT INTO conversations AS c (user_id, peer_id, last_created_at, last_id, unread_count)
    SELECT user_id, peer_id, created_at, id, unread FROM touched WHERE id IS NOT NULL
    ON CONFLICT (user_id, peer_id) DO UPDATE
        SET last_created_at = excluded.last_created_at, last_id = excluded.last_id;
END
$$;

-- The trigger functions run as their owner (pinned at the end of this file): a program that may write messages need
-- not see anyone's inbox.

-- The path of every send: it appends by itself, in fewer passes than append_to_inboxes.
CREATE FUNCTION messages_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM queue_for_inboxes(ARRAY(SELECT sender_id FROM inserted UNION SELECT receiver_id FROM inserted));

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
    SELECT user_id,
        h.seq - count(*) OVER (PARTITION BY user_id) + row_number() OVER (PARTITION BY user_id ORDER BY s.id),
        'sent', ARRAY[s.id], ARRAY[s.created_at], clock_timestamp()
    FROM side s JOIN head h USING (user_id);

    INSERT INTO conversations AS c (user_id, peer_id, last_created_at, last_id, unread_count)
    SELECT DISTINCT ON (user_id, peer_id) user_id, peer_id, created_at, id,
        sum(unread) OVER (PARTITION BY user_id, peer_id)
    FROM (
        SELECT receiver_id AS user_id, sender_id AS peer_id, created_at, id, (NOT is_read)::int AS unread FROM inserted
        UNION ALL
        SELECT sender_id, receiver_id, created_at, id, 0 FROM inserted WHERE receiver_id <> sender_id
    ) side
    ORDER BY user_id, peer_id, created_at DESC, id DESC
    ON CONFLICT (user_id, peer_id) DO UPDATE SET
        unread_count = c.unread_count + excluded.unread_count,
        (last_created_at, last_id) = (SELECT l.created_at, l.id
            FROM (VALUES (c.last_created_at, c.last_id), (excluded.last_created_at, excluded.last_id)) l (created_at, id)
            ORDER BY l.created_at DESC, l.id DESC LIMIT 1);
    RETURN NULL;
END
$$;

CREATE FUNCTION messages_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM deleted) THEN
        RETURN NULL;
    END IF;

    PERFORM append_to_inboxes(ARRAY(
        SELECT (sender_id, 'deleted', NULL, id, created_at)::inbox_effect FROM deleted
        UNION ALL
        SELECT (receiver_id, 'deleted', NULL, id, created_at)::inbox_effect FROM deleted WHERE receiver_id <> sender_id
    ));

    PERFORM adjust_conversations(ARRAY(
        SELECT (receiver_id, sender_id, -sum((NOT is_read)::int), true)::conversation_change
        FROM deleted GROUP BY receiver_id, sender_id
        UNION ALL
        SELECT DISTINCT (sender_id, receiver_id, 0, true)::conversation_change FROM deleted
    ));
    RETURN NULL;
END
$$;

CREATE FUNCTION messages_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    effects inbox_effect[] := ARRAY(
        -- A message is the same one as long as its id and time are; each user has it before, after, or both.
        WITH before AS (
            SELECT sender_id AS user_id, id, created_at, sender_id, receiver_id, is_read,
                coalesce(full_text, message_text) AS whole_text
            FROM old_rows
            UNION ALL
            SELECT receiver_id, id, created_at, sender_id, receiver_id, is_read, coalesce(full_text, message_text)
            FROM old_rows WHERE receiver_id <> sender_id
        ), after AS (
            SELECT sender_id AS user_id, id, created_at, sender_id, receiver_id, is_read,
                coalesce(full_text, message_text) AS whole_text
            FROM new_rows
            UNION ALL
            SELECT receiver_id, id, created_at, sender_id, receiver_id, is_read, coalesce(full_text, message_text)
            FROM new_rows WHERE receiver_id <> sender_id
        )
        SELECT (user_id, e.kind, CASE e.kind WHEN 'read' THEN a.receiver_id END, id, created_at)::inbox_effect
        FROM before b FULL JOIN after a USING (user_id, id, created_at)
        CROSS JOIN LATERAL (VALUES
            ('deleted'::inbox_event_kind, a.sender_id IS NULL),
            ('sent', b.sender_id IS NULL),
            ('changed', b.whole_text <> a.whole_text OR (b.is_read AND NOT a.is_read)
                OR b.sender_id <> a.sender_id OR b.receiver_id <> a.receiver_id),
            ('read', NOT b.is_read AND a.is_read)
        ) e (kind, happened)
        WHERE e.happened
    );
BEGIN
    IF cardinality(effects) = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM append_to_inboxes(effects);

    PERFORM adjust_conversations(ARRAY(
        WITH side AS (
            SELECT receiver_id AS user_id, sender_id AS peer_id, id, created_at, -(NOT is_read)::int AS unread, -1 AS held
            FROM old_rows
            UNION ALL
            SELECT receiver_id, sender_id, id, created_at, (NOT is_read)::int, 1 FROM new_rows
            UNION ALL
            SELECT sender_id, receiver_id, id, created_at, 0, -1 FROM old_rows
            UNION ALL
            SELECT sender_id, receiver_id, id, created_at, 0, 1 FROM new_rows
        ), message AS (
            SELECT user_id, peer_id, sum(unread) AS unread, sum(held) <> 0 AS moved
            FROM side GROUP BY user_id, peer_id, id, created_at
        )
        SELECT (user_id, peer_id, sum(unread), bool_or(moved))::conversation_change
        FROM message GROUP BY user_id, peer_id
        HAVING sum(unread) <> 0 OR bool_or(moved)
    ));
    RETURN NULL;
END
$$;

-- No event can express this: the logs are emptied and move on by one, so that every reader sees a hole and resyncs.
CREATE FUNCTION messages_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE inbox_heads SET seq = seq + 1;
    TRUNCATE inbox_events, conversations, idempotency_keys;
    RETURN NULL;
END
$$;

CREATE TRIGGER messages_inserted AFTER INSERT ON messages
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION messages_inserted();
CREATE TRIGGER messages_updated AFTER UPDATE ON messages
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION messages_updated();
CREATE TRIGGER messages_deleted AFTER DELETE ON messages
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION messages_deleted();
CREATE TRIGGER messages_truncated AFTER TRUNCATE ON messages
    FOR EACH STATEMENT EXECUTE FUNCTION messages_truncated();

-- The foreign keys' own cascade would delete in two statements, with two passes over the heads, and deadlock.
CREATE FUNCTION user_deleting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT id, created_at FROM messages WHERE OLD.id IN (sender_id, receiver_id) ORDER BY id FOR UPDATE
    )
    -- A range, so that a message is found by its id and not by a time that many may share.
    DELETE FROM messages m USING locked l WHERE m.id = l.id AND m.created_at BETWEEN l.created_at AND l.created_at;
    RETURN OLD;
END
$$;

CREATE FUNCTION user_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    -- The head stays, and moves on: should the id ever be given out again, no old cursor fits the new log.
    UPDATE inbox_heads SET seq = seq + 1 WHERE user_id = OLD.id;
    DELETE FROM inbox_events WHERE user_id = OLD.id;
    DELETE FROM conversations WHERE user_id = OLD.id;
    DELETE FROM idempotency_keys WHERE sender_id = OLD.id;
    RETURN NULL;
END
$$;

-- Ids may start again, so old cursors must not fit the new logs.
CREATE FUNCTION users_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    TRUNCATE inbox_heads, inbox_events, conversations, idempotency_keys;
    UPDATE inbox_epoch SET epoch = gen_random_uuid();
    RETURN NULL;
END
$$;

CREATE TRIGGER user_deleting BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION user_deleting();
CREATE TRIGGER user_deleted AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION user_deleted();
CREATE TRIGGER users_truncated AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION users_truncated();
-- Only a user without messages can get another id. Who is given the old one must not find that log.
CREATE TRIGGER user_renumbered AFTER UPDATE OF id ON users
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION user_deleted();

-- What runs as its owner must find this schema's tables, whatever the writer's search_path is, and never a temporary
-- table of the same name; and nobody may attach it to a table of their own, to write into other people's inboxes.
DO $$
DECLARE
    trigger_function regprocedure;
BEGIN
    FOR trigger_function IN
        SELECT DISTINCT tgfoid FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid IN ('messages'::regclass, 'users'::regclass) AND NOT tgisinternal AND prosecdef
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', trigger_function, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', trigger_function);
    END LOOP;
END
$$;
