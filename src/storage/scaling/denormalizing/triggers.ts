import { NAMES } from '../../rows.ts';
import { EVERY_MESSAGE_HAS_NAMES } from './state.ts';

/** The last of a table's triggers by name: whom another one makes a message's people counts. */
const LAST = 'z_usernames';

const [SENDER, RECEIVER] = NAMES;

/**
 * Gives `messages` the columns, and what writes them: from here on each new message has its names, and each rename goes to
 * the messages that have one already. All of it is in one transaction, or nothing. What bypasses other triggers does not
 * bypass these (`ALWAYS`).
 * @param schema of `messages`
 */
export function addNames(schema: string): string {
  return [
    // In the lock order: users, messages.
    'LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE',
    `ALTER TABLE messages ${NAMES.map((column) => `ADD COLUMN ${column} TEXT`).join(', ')}`,
    triggerFunction(schema, 'message_usernames', NAMES_OF_A_MESSAGE),
    triggerFunction(schema, 'user_renamed', NAMES_OF_A_USER),
    `CREATE TRIGGER ${LAST}_inserted BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION ${schema}.message_usernames()`,
    // Who writes the names alone writes what they are, unless it is a trigger: that is how a rename does it. An id that
    // changes must not carry a message without names to where the filling has been.
    `CREATE TRIGGER ${LAST}_updated BEFORE UPDATE OF id, sender_id, receiver_id, ${NAMES} ON messages FOR EACH ROW
      WHEN (pg_trigger_depth() = 0 OR OLD.sender_id <> NEW.sender_id OR OLD.receiver_id <> NEW.receiver_id
        OR OLD.id <> NEW.id)
      EXECUTE FUNCTION ${schema}.message_usernames()`,
    // Not OF username: PostgreSQL gives a trigger of some columns no transition tables.
    `CREATE TRIGGER user_renamed AFTER UPDATE ON users REFERENCING OLD TABLE AS before NEW TABLE AS after
      FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.user_renamed()`,
    `ALTER TABLE messages ENABLE ALWAYS TRIGGER ${LAST}_inserted`,
    `ALTER TABLE messages ENABLE ALWAYS TRIGGER ${LAST}_updated`,
    'ALTER TABLE users ENABLE ALWAYS TRIGGER user_renamed',
  ].join(';\n');
}

/** Undoes it, however far it is; the check goes with its columns. */
export function removeNames(schema: string): string {
  return [
    'LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE',
    'DROP TRIGGER user_renamed ON users',
    `DROP TRIGGER ${LAST}_inserted ON messages`,
    `DROP TRIGGER ${LAST}_updated ON messages`,
    `DROP FUNCTION ${schema}.user_renamed(), ${schema}.message_usernames()`,
    dropNames('messages'),
  ].join(';\n');
}

/** Of a table that may have them. */
export function dropNames(table: string): string {
  return `ALTER TABLE ${table} ${NAMES.map((column) => `DROP COLUMN IF EXISTS ${column}`).join(', ')}`;
}

/**
 * To be added when the filling is at its end, not before: it holds at once for every row that is written, and a message that
 * has no names yet could not be marked as read.
 */
export const ADD_CHECK = `ALTER TABLE messages ADD CONSTRAINT ${EVERY_MESSAGE_HAS_NAMES}
  CHECK (${NAMES.map((column) => `${column} IS NOT NULL`).join(' AND ')}) NOT VALID`;

/**
 * The people are locked as by the foreign keys, and in the order of their ids: whoever renames one of them waits until this
 * message can be seen, or has committed before the name is read.
 */
const NAMES_OF_A_MESSAGE = `
DECLARE
    person RECORD;
BEGIN
    -- The same people: what the row has is right, and needs no lock of users, which come before messages.
    IF TG_OP = 'UPDATE' AND NEW.sender_id = OLD.sender_id AND NEW.receiver_id = OLD.receiver_id
        AND OLD.${SENDER} IS NOT NULL AND OLD.${RECEIVER} IS NOT NULL THEN
        NEW.${SENDER} := OLD.${SENDER};
        NEW.${RECEIVER} := OLD.${RECEIVER};
        RETURN NEW;
    END IF;
    -- Whom there is not, the foreign key refuses after this, with the error that everybody knows.
    NEW.${SENDER} := '';
    NEW.${RECEIVER} := '';
    FOR person IN
        SELECT id, username FROM users WHERE id IN (NEW.sender_id, NEW.receiver_id) ORDER BY id FOR KEY SHARE
    LOOP
        IF person.id = NEW.sender_id THEN
            NEW.${SENDER} := person.username;
        END IF;
        IF person.id = NEW.receiver_id THEN
            NEW.${RECEIVER} := person.username;
        END IF;
    END LOOP;
    RETURN NEW;
END`;

/**
 * A rename has its user's row alone (the name is unique, so its change is one of a key), so that no message of theirs can be
 * inserted from then to the commit. A transaction that keeps one snapshot may not see those that were committed after that was
 * taken: then the user's head has moved since, too, and it has to fail as in any conflict.
 */
const NAMES_OF_A_USER = `
DECLARE
    renamed INT[] := ARRAY(SELECT a.id FROM after a JOIN before b ON b.id = a.id WHERE b.username <> a.username ORDER BY a.id);
BEGIN
    IF cardinality(renamed) = 0 THEN
        RETURN NULL;
    END IF;

    WITH locked AS MATERIALIZED (
        SELECT id, created_at, sender_id, receiver_id FROM messages
        WHERE sender_id = ANY (renamed) OR receiver_id = ANY (renamed)
        ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE messages m SET
        ${SENDER} = coalesce(sender.username, m.${SENDER}),
        ${RECEIVER} = coalesce(receiver.username, m.${RECEIVER})
    FROM locked l LEFT JOIN after sender ON sender.id = l.sender_id LEFT JOIN after receiver ON receiver.id = l.receiver_id
    -- A range, so that a message is found by its id and not by a time that many may share.
    WHERE m.id = l.id AND m.created_at BETWEEN l.created_at AND l.created_at;

    IF current_setting('transaction_isolation') <> 'read committed' THEN
        INSERT INTO inbox_heads AS h (user_id, seq) SELECT unnest(renamed), 0
        ON CONFLICT (user_id) DO UPDATE SET seq = h.seq;
    END IF;
    RETURN NULL;
END`;

/** It runs as its owner, as those of the inbox do: who may write messages need not see users. */
function triggerFunction(schema: string, name: string, body: string): string {
  return `
CREATE FUNCTION ${schema}.${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp
AS $$${body}
$$;
REVOKE EXECUTE ON FUNCTION ${schema}.${name}() FROM PUBLIC`;
}
