import type { ClientBase } from 'pg';
import { SQLSTATE, sqlState } from '../../errors.ts';
import { EVERY_MESSAGE_HAS_NAMES } from '../denormalizing/state.ts';
import { FEED, PREPARE } from '../materializing/feed.ts';
import { HALF_MADE_NAME } from '../reindex.ts';

/**
 * What in the database would be lost, or keep the change from being made, by name. Each is a thing that an operator has
 * made: Parley's own tables have none of them.
 */
const SELECT_OBJECTIONS = `
  WITH messages AS (SELECT * FROM pg_class WHERE oid = 'messages'::regclass)
  SELECT 'the owner of messages may not create a schema: GRANT CREATE ON DATABASE ' || quote_ident(current_database())
    || ' TO ' || quote_ident(pg_get_userbyid(relowner)) AS objection
  FROM messages WHERE NOT has_database_privilege(relowner, current_database(), 'CREATE')
  UNION ALL
  SELECT pg_describe_object(classid, objid, objsubid) || ' depends on messages'
  FROM pg_depend, messages
  WHERE (refclassid, refobjid) IN (('pg_class'::regclass, messages.oid), ('pg_type'::regclass, messages.reltype))
    AND (deptype = 'n' OR classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_publication_rel'::regclass,
      'pg_statistic_ext'::regclass))
    AND NOT (classid = 'pg_constraint'::regclass
      AND EXISTS (SELECT FROM pg_constraint c WHERE c.oid = objid AND c.conrelid = messages.oid))
    AND NOT (classid = 'pg_trigger'::regclass
      AND EXISTS (SELECT FROM pg_trigger t WHERE t.oid = objid AND t.tgrelid = messages.oid))
    AND NOT (classid = 'pg_rewrite'::regclass
      AND EXISTS (SELECT FROM pg_rewrite r WHERE r.oid = objid AND r.ev_class = to_regclass('${FEED}')))
  GROUP BY 1
  UNION ALL
  SELECT 'the view ${FEED} depends on messages: start the servers with another READ_STRATEGY than materialized, then run '
    || '${PREPARE} --revert'
  FROM messages WHERE to_regclass('${FEED}') IS NOT NULL
  UNION ALL
  SELECT 'publication ' || quote_ident(pubname) || ' publishes messages'
  FROM pg_publication_tables, messages
  WHERE tablename = 'messages' AND schemaname = relnamespace::regnamespace::text
    AND NOT EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = messages.oid)
  UNION ALL
  SELECT 'index ' || indexrelid::regclass || ' is unique, which partitions cannot keep'
  FROM pg_index, messages
  WHERE indrelid = messages.oid AND (indisunique OR indisexclusion) AND NOT indisprimary
  UNION ALL
  SELECT 'index ' || indexrelid::regclass || ' is not valid' || CASE
    WHEN c.relname ~ '${HALF_MADE_NAME}' THEN ', as a REINDEX leaves it that did not end: DROP INDEX CONCURRENTLY ' || c.oid::regclass
    ELSE '' END
  FROM messages JOIN pg_index ON indrelid = messages.oid JOIN pg_class c ON c.oid = indexrelid
  WHERE NOT indisvalid
  UNION ALL
  SELECT 'messages inherits from table ' || inhparent::regclass FROM pg_inherits, messages WHERE inhrelid = messages.oid
  UNION ALL
  SELECT 'messages has row security' FROM messages WHERE relrowsecurity
  UNION ALL
  SELECT 'messages has a replica identity of its own' FROM messages WHERE relreplident <> 'd'
  UNION ALL
  SELECT 'messages.id takes its values from no sequence of its own' FROM messages
  WHERE pg_get_serial_sequence('messages', 'id') IS NULL
  UNION ALL
  SELECT 'messages.id is an identity column, not a SERIAL one' FROM pg_attribute, messages
  WHERE attrelid = messages.oid AND attname = 'id' AND attidentity <> ''
  UNION ALL
  SELECT 'the owner of messages may not create a table in its schema: GRANT CREATE ON SCHEMA ' || relnamespace::regnamespace
    || ' TO ' || quote_ident(pg_get_userbyid(relowner))
  FROM messages WHERE NOT has_schema_privilege(relowner, relnamespace, 'CREATE')
  UNION ALL
  SELECT 'constraint ' || quote_ident(conname) || ' is not validated' || CASE conname
    WHEN '${EVERY_MESSAGE_HAS_NAMES}' THEN ': run npm run scale -- denormalize to its end, or with --revert' ELSE '' END
  FROM pg_constraint, messages
  WHERE conrelid = messages.oid AND NOT convalidated
  UNION ALL
  SELECT 'table ' || c.oid::regclass || ' has the name of a partition' FROM pg_class c, messages
  WHERE messages.relkind = 'r' AND c.relnamespace = messages.relnamespace
    AND c.relname ~ '^messages_(\\d{4}_\\d\\d|past|future)$'`;

/** The form can be changed back to a table with INT ids only as long as they fit. */
const SELECT_UNFIT = `
  SELECT 'message ' || id || ' does not fit the column''s INT' AS objection
  FROM (SELECT max(id) AS id FROM messages UNION ALL SELECT min(id) FROM messages) most
  WHERE id NOT BETWEEN -2147483648 AND 2147483647
  UNION ALL
  SELECT 'the next id of ' || seqrelid::regclass || ' does not fit the column''s INT' FROM pg_sequence
  WHERE seqrelid = pg_get_serial_sequence('messages', 'id')::regclass
    AND pg_sequence_last_value(seqrelid) >= 2147483647`;

/** @throws with all that stands against it, before anything is changed */
export async function expectNoObjection(session: ClientBase, target: 'plain' | 'partitioned'): Promise<void> {
  const { rows } = await session.query(SELECT_OBJECTIONS);
  const unfit = target === 'plain' ? (await session.query(SELECT_UNFIT)).rows : [];
  const objections = [...rows, ...unfit].map(({ objection }) => objection);
  if (objections.length > 0)
    throw new Error(`Nothing was changed, because ${objections.join('; ')}. Mend that first.`);
}

/**
 * So that whatever is made has the owner of what it replaces.
 * @throws when that is another role, which this one may not take on
 */
export async function actAsOwner(session: ClientBase): Promise<void> {
  const { rows } = await session.query(
    `SELECT quote_ident(current_user) AS role, quote_ident(pg_get_userbyid(relowner)) AS owner FROM pg_class
     WHERE oid = 'messages'::regclass AND pg_get_userbyid(relowner) <> current_user`,
  );
  if (rows[0] === undefined) return;
  const { role, owner } = rows[0];
  await session.query(`SET ROLE ${owner}`).catch((error) => {
    if (sqlState(error) !== SQLSTATE.INSUFFICIENT_PRIVILEGE) throw error;
    throw new Error(
      `Nothing was changed: messages belongs to the role ${owner}, which ${role} may not take on. Connect as ${owner}.`,
      { cause: error },
    );
  });
}
