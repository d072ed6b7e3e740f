-- TRUNCATE of a table with partitions fires the trigger of each: the heads move once all the same. Who has no
-- conversation has no messages, so that nobody misses what is not told.
CREATE OR REPLACE FUNCTION messages_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF EXISTS (SELECT FROM conversations) THEN
        UPDATE inbox_heads SET seq = seq + 1;
        TRUNCATE inbox_events, conversations, idempotency_keys;
    END IF;
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
