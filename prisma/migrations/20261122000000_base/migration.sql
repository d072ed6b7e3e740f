CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    external_id TEXT NOT NULL,
    username TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    -- RFC 3339 has years 0000 to 9999 and no infinity, so the API could not show such a time.
    CONSTRAINT users_created_at_rfc3339 CHECK (created_at >= '0001-01-01Z' AND created_at < '10000-01-01Z')
);
CREATE UNIQUE INDEX users_external_id_key ON users (external_id);
CREATE UNIQUE INDEX users_username_key ON users (username);

CREATE TABLE messages (
    id SERIAL PRIMARY KEY,
    sender_id INT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    receiver_id INT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    message_text TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    is_read BOOLEAN NOT NULL DEFAULT false,
    -- The whole text, where message_text can hold only its beginning: an entry of idx_msg_covering, which includes
    -- message_text, has at most 2,704 bytes after compression. Read coalesce(full_text, message_text).
    full_text TEXT,
    CONSTRAINT messages_created_at_rfc3339 CHECK (created_at >= '0001-01-01Z' AND created_at < '10000-01-01Z')
);
CREATE INDEX idx_messages_sender ON messages (sender_id);
CREATE INDEX idx_messages_receiver ON messages (receiver_id);
CREATE INDEX idx_messages_created ON messages (created_at);
CREATE INDEX idx_msg_covering ON messages (sender_id, receiver_id)
    INCLUDE (message_text, created_at, is_read);

-- A page of a conversation: two ranges of this index, merged. The covering index does not order by time.
CREATE INDEX idx_messages_conversation ON messages (sender_id, receiver_id, created_at, id);
-- Marking read: finds the unread few without walking through a long history.
CREATE INDEX idx_messages_unread ON messages (receiver_id, sender_id, created_at, id) WHERE NOT is_read;

-- A program that knows nothing of full_text and changes message_text means the whole text.
CREATE FUNCTION message_text_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.full_text := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER message_text_changed BEFORE UPDATE OF message_text ON messages FOR EACH ROW
    WHEN (OLD.full_text IS NOT NULL AND OLD.full_text IS NOT DISTINCT FROM NEW.full_text
        AND OLD.message_text <> NEW.message_text)
    EXECUTE FUNCTION message_text_changed();

-- No foreign key to messages, and no unique key on it: partitions could keep neither.
CREATE TABLE idempotency_keys (
    sender_id INT NOT NULL,
    key TEXT NOT NULL,
    input_hash BYTEA NOT NULL,
    message_id BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    PRIMARY KEY (sender_id, key)
);
CREATE INDEX idx_idempotency_keys_created ON idempotency_keys USING brin (created_at);
