import { type Blueprint, keyOf } from './blueprint.ts';
import { type Form, NEXT } from './state.ts';

/** Held alone by a batch that is copied, and shared by those who give messages other ids or times meanwhile. */
export const COPY_LOCK = 7_214_020_114;

/** First of a table's triggers by name: a wait for the copying must not hold anybody's inbox. */
const TRIGGERS = ['insert', 'update', 'delete', 'truncate'].map((event) => `a_mirror_${event}`);

/**
 * What writes every change of `messages` to the next table as well, in the writer's own transaction.
 *
 * A transaction that keeps one snapshot (REPEATABLE READ) may not see a row that was copied after that was taken, and would
 * leave it there when it deletes the message. It has to fail with 40001, as it does where it really conflicts: that is
 * what writing the row once more before does.
 */
export function mirrorFunctions({ columns, schema }: Blueprint, target: Form): string {
  const key = keyOf(target);
  const same = (a: string, b: string, of: readonly string[] = key) =>
    of.map((column) => `${a}.${column} = ${b}.${column}`).join(' AND ');
  const all = columns.join(', ');
  const excluded = columns.map((column) => `excluded.${column}`).join(', ');
  const write = (rows: string) => `
    INSERT INTO ${NEXT}.messages (${all}) SELECT ${all} FROM ${rows}
    ON CONFLICT (${key.join(', ')}) DO UPDATE SET (${all}) = ROW (${excluded});`;
  // A trigger for each row may have changed them before this one: what is in the table counts.
  const present = (rows: string) =>
    `(SELECT m.* FROM ${rows} r JOIN ${schema}.messages m ON ${same('m', 'r', ['id', 'created_at'])}) present`;
  const beVisible = (rows: string) => `
    IF current_setting('transaction_isolation') <> 'read committed' THEN ${write(rows)} END IF;`;

  const refuseSecondUse = `
    IF EXISTS (SELECT FROM ${present('inserted')} JOIN ${NEXT}.messages n USING (id) WHERE n.created_at <> present.created_at) THEN
      RAISE unique_violation USING MESSAGE = 'another message has this id';
    END IF;`;

  return [
    mirrorFunction(
      'insert',
      // As one table's primary key would: partitions let an id be used again with another time.
      target === 'partitioned'
        ? write(present('inserted'))
        : `${refuseSecondUse}${write(present('inserted'))}`,
    ),
    mirrorFunction(
      'delete',
      `${beVisible('deleted')} DELETE FROM ${NEXT}.messages n USING deleted d WHERE ${same('n', 'd')};`,
    ),
    mirrorFunction(
      'update',
      `IF EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE ${same('n', 'o')})) THEN
        PERFORM pg_advisory_xact_lock_shared(${COPY_LOCK});
        ${beVisible('old_rows')}
        DELETE FROM ${NEXT}.messages m USING old_rows o
        WHERE ${same('m', 'o')} AND NOT EXISTS (SELECT FROM new_rows n WHERE ${same('n', 'o')});
      END IF;
      ${write(present('new_rows'))}`,
    ),
    // Of one partition, only its own messages go. Whoever empties users, too, has emptied it already.
    mirrorFunction(
      'truncate',
      `IF pg_get_partition_constraintdef(TG_RELID) IS NOT NULL THEN
        EXECUTE 'DELETE FROM ${NEXT}.messages WHERE ' || pg_get_partition_constraintdef(TG_RELID);
      ELSIF EXISTS (SELECT FROM ${NEXT}.messages) THEN
        TRUNCATE ${NEXT}.messages;
      END IF;`,
    ),
  ].join(';\n');
}

/**
 * Creating a trigger waits for all writers before it, so that whoever copies afterwards sees what those have written.
 * `ALWAYS`: also for a session that bypasses the triggers of the inbox.
 */
export function mirrorTable(table: string): string {
  const trigger = (event: string, transitions: string) => `
    CREATE TRIGGER a_mirror_${event} AFTER ${event} ON ${table} ${transitions}
      FOR EACH STATEMENT EXECUTE FUNCTION ${NEXT}.mirror_${event}()`;
  return [
    `LOCK TABLE ONLY ${table} IN SHARE ROW EXCLUSIVE MODE`,
    trigger('insert', 'REFERENCING NEW TABLE AS inserted'),
    trigger('update', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'),
    trigger('delete', 'REFERENCING OLD TABLE AS deleted'),
    trigger('truncate', ''),
    ...TRIGGERS.map((name) => `ALTER TABLE ONLY ${table} ENABLE ALWAYS TRIGGER ${name}`),
  ].join(';\n');
}

/** It runs as its owner, and finds rows by the key, however little PostgreSQL knows yet of a table that is filling. */
function mirrorFunction(event: string, body: string): string {
  return `
    CREATE FUNCTION ${NEXT}.mirror_${event}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
      SET search_path = ${NEXT}, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
      AS $$ BEGIN ${body} RETURN NULL; END $$;
    REVOKE EXECUTE ON FUNCTION ${NEXT}.mirror_${event}() FROM PUBLIC`;
}

export function unmirrorTable(table: string): string {
  return TRIGGERS.map((name) => `DROP TRIGGER IF EXISTS ${name} ON ${table}`).join(';\n');
}
