import pg, { type ClientBase } from 'pg';
import type { Form } from './state.ts';

/** What `messages` has, as SQL that gives it to another table: whatever an operator has added goes along. */
export interface Blueprint {
  /** Of the whole definition of `messages`: another one when anything of it is changed. */
  readonly fingerprint: string;
  readonly schema: string;
  readonly sequence: string;
  readonly columns: readonly string[];
  /** For `WITH (…)`; empty without. */
  readonly options: string;
  readonly tablespace: string | null;
  /** `table` is a qualified name. */
  readonly indexes: (table: string) => readonly string[];
  readonly foreignKeys: (table: string) => readonly string[];
  readonly triggers: readonly Trigger[];
  readonly grants: (table: string) => readonly string[];
}

export interface Trigger {
  readonly name: string;
  readonly forEachRow: boolean;
  /** As `ALTER TABLE … ENABLE TRIGGER` says it; `null` while it is disabled. */
  readonly enable: 'ENABLE' | 'ENABLE ALWAYS' | 'ENABLE REPLICA' | null;
  readonly create: (table: string) => string;
}

const ENABLE = { O: 'ENABLE', A: 'ENABLE ALWAYS', R: 'ENABLE REPLICA', D: null } as const;

export const ident = pg.escapeIdentifier;

const SELECT_BLUEPRINT = `
  WITH messages AS (SELECT * FROM pg_class WHERE oid = 'messages'::regclass)
  SELECT
    (SELECT relnamespace::regnamespace::text FROM messages) AS schema,
    pg_get_serial_sequence('messages', 'id') AS sequence,
    (SELECT json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attnotnull,
        pg_get_expr(adbin, adrelid), attstorage, attcompression) ORDER BY attnum)
      FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
      WHERE attrelid = 'messages'::regclass AND attnum > 0 AND NOT attisdropped) AS definitions,
    (SELECT json_agg(json_build_array(conname, pg_get_constraintdef(oid)) ORDER BY conname)
      FROM pg_constraint WHERE conrelid = 'messages'::regclass AND contype = 'c') AS checks,
    (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = 'messages'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
    -- A partitioned table has none: those of its newest partition.
    (SELECT reloptions FROM pg_class WHERE oid = coalesce(
      (SELECT max(inhrelid::regclass::text)::regclass FROM pg_inherits
        WHERE inhparent = 'messages'::regclass AND inhrelid::regclass::text ~ 'messages_[0-9]'),
      'messages'::regclass)) AS options,
    (SELECT spcname FROM messages JOIN pg_tablespace t ON t.oid = reltablespace) AS tablespace,
    (SELECT coalesce(json_agg(json_build_array(indexrelid::regclass::text, pg_get_indexdef(indexrelid))
        ORDER BY indexrelid), '[]')
      FROM pg_index WHERE indrelid = 'messages'::regclass AND NOT indisprimary) AS indexes,
    (SELECT coalesce(json_agg(json_build_array(conname, pg_get_constraintdef(oid)) ORDER BY conname), '[]')
      FROM pg_constraint WHERE conrelid = 'messages'::regclass AND contype = 'f') AS foreign_keys,
    (SELECT coalesce(json_agg(json_build_array(tgname, tgtype & 1, tgenabled, pg_get_triggerdef(oid)) ORDER BY tgname), '[]')
      FROM pg_trigger WHERE tgrelid = 'messages'::regclass AND NOT tgisinternal AND tgname NOT LIKE 'a\\_mirror\\_%') AS triggers,
    (SELECT coalesce(json_agg(format('GRANT %s%s ON %%s TO %s%s', privilege_type, columns,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
        CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)), '[]')
      FROM (
        SELECT (aclexplode(relacl)).*, relowner, '' AS columns FROM messages
        UNION ALL
        SELECT (aclexplode(attacl)).*, relowner, format(' (%I)', attname)
        FROM pg_attribute JOIN messages ON messages.oid = attrelid WHERE attacl IS NOT NULL
      ) granted WHERE grantee <> relowner) AS grants`;

export const SELECT_FINGERPRINT = `SELECT md5(b::text) FROM (${SELECT_BLUEPRINT}) b`;

/** Reads it from the catalogue. */
export async function readBlueprint(session: ClientBase): Promise<Blueprint> {
  const [found] = (await session.query(`SELECT *, md5(b::text) AS fingerprint FROM (${SELECT_BLUEPRINT}) b`))
    .rows;
  const own = `${found.schema}.messages`;
  return {
    fingerprint: found.fingerprint,
    schema: found.schema,
    sequence: found.sequence,
    columns: found.columns.map(ident),
    options: (found.options ?? []).join(', '),
    tablespace: found.tablespace,
    indexes: (table) =>
      found.indexes.map(
        ([name, definition]: [string, string]) =>
          `CREATE INDEX ${name} ON ${table}${definition.slice(definition.indexOf(' USING '))}`,
      ),
    foreignKeys: (table) =>
      found.foreign_keys.map(
        ([name, definition]: [string, string]) =>
          `ALTER TABLE ${table} ADD CONSTRAINT ${ident(name)} ${definition}`,
      ),
    triggers: found.triggers.map(
      ([name, forEachRow, enabled, definition]: [string, number, keyof typeof ENABLE, string]): Trigger => ({
        name,
        forEachRow: forEachRow === 1,
        enable: ENABLE[enabled],
        create: (table) => definition.replace(` ON ${own} `, ` ON ${table} `),
      }),
    ),
    grants: (table) => found.grants.map((grant: string) => grant.replace('%s', table)),
  };
}

/** What tells a message from every other in a table of that form. */
export const keyOf = (form: Form): readonly string[] => (form === 'plain' ? ['id'] : ['id', 'created_at']);
