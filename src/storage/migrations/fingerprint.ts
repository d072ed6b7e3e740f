import pg from 'pg';
import { nameOf, toMigrationError } from './error.ts';
import { CONNECT_TIMEOUT_MS } from './session.ts';

/** A database's definitions: for each object, by kind and name, what `pg_get_…def` says of it. */
export type Fingerprint = ReadonlyMap<string, string>;

// All of the current schema, save what an extension brought along and Prisma's own table. Not compared: the
// order of columns, owners, grants, comments, and PostgreSQL 18's constraints for NOT NULL (contype n), which
// the columns say already.
const SELECT_FINGERPRINT = `
  WITH scope AS (SELECT current_schema()::regnamespace AS oid),
  relation AS (
    SELECT c.* FROM pg_class c, scope
    WHERE c.relnamespace = scope.oid AND c.relname NOT LIKE '\\_prisma\\_migrations%'
      AND NOT EXISTS (SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  ),
  definition (object, text) AS (
    SELECT format('table %s', relname),
      concat_ws(' ', CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
          WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(oid) WHEN 'f' THEN 'foreign' ELSE 'plain' END,
        'PARTITION ' || pg_get_expr(relpartbound, oid), 'WITH (' || array_to_string(reloptions, ', ') || ')',
        CASE WHEN relrowsecurity THEN 'ROW LEVEL SECURITY' END,
        CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END)
    FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT format('column %s.%s', r.relname, a.attname),
      concat_ws(' ', format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attcollation <> t.typcollation
          THEN 'COLLATE ' || (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END,
        CASE WHEN a.attnotnull THEN 'NOT NULL' END,
        CASE WHEN a.attgenerated <> '' THEN 'GENERATED AS ' ELSE 'DEFAULT ' END || pg_get_expr(d.adbin, d.adrelid),
        CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END)
    FROM relation r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    UNION ALL
    SELECT format('sequence %s', r.relname), format('%s INCREMENT %s', format_type(s.seqtypid, NULL), s.seqincrement)
    FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
    UNION ALL
    SELECT format('constraint %s.%s', r.relname, c.conname), pg_get_constraintdef(c.oid)
    FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype NOT IN ('n', 't')
    UNION ALL
    SELECT format('index %s', i.indexrelid::regclass),
      concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END)
    FROM relation r JOIN pg_index i ON i.indrelid = r.oid
    UNION ALL
    SELECT format('trigger %s.%s', r.relname, t.tgname),
      concat_ws(' ', pg_get_triggerdef(t.oid),
        CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ON REPLICA' WHEN 'A' THEN 'ALWAYS' END)
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), pg_get_functiondef(p.oid)
    FROM pg_proc p, scope
    WHERE p.pronamespace = scope.oid AND p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
    UNION ALL
    SELECT format('type %s', t.typname),
      CASE t.typtype WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain of ' || format_type(t.typbasetype, t.typtypmod)
        ELSE 'enum ' || (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
          FROM pg_enum WHERE enumtypid = t.oid) END
    FROM pg_type t JOIN scope ON t.typnamespace = scope.oid
    LEFT JOIN relation r ON r.oid = t.typrelid
    WHERE (t.typtype IN ('e', 'd') OR (t.typtype = 'c' AND r.relkind = 'c'))
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
  )
  SELECT object, text FROM definition ORDER BY object COLLATE "C"`;

// A definition shows its constants, and of times that depends on these.
const SET_NOTATION = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'`;

/**
 * Reads all definitions of the database's current schema, in one statement and a fixed order.
 * @throws {MigrationError} when it cannot be reached or read
 */
export async function readFingerprint(databaseUrl: string): Promise<Fingerprint> {
  const target = nameOf(databaseUrl);
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'parley-drift',
  });
  // A lost connection is reported by the statement that it interrupts.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(SET_NOTATION);
    const { rows } = await client.query<{ object: string; text: string }>(SELECT_FINGERPRINT);
    return new Map(rows.map(({ object, text }) => [object, text]));
  } catch (error) {
    throw toMigrationError(error, target, 'UNREACHABLE');
  } finally {
    await client.end();
  }
}

/**
 * Each line in which `actual` differs: `- ` is expected and missing, `+ ` is there and not expected. Empty
 * when they agree. Of a function that is in both, only the lines that changed.
 */
export function compareFingerprints(expected: Fingerprint, actual: Fingerprint): readonly string[] {
  const objects = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return objects.flatMap((object) => {
    const before = expected.get(object)?.split('\n') ?? [];
    const after = actual.get(object)?.split('\n') ?? [];
    if (before.join('\n') === after.join('\n')) return [];
    const changes = [
      ...without(before, after).map((line) => ['-', line]),
      ...without(after, before).map((line) => ['+', line]),
    ];
    // The same lines in another order: both whole.
    const shown =
      changes.length > 0
        ? changes
        : [...before.map((line) => ['-', line]), ...after.map((line) => ['+', line])];
    return shown.map(([sign, line]) => `${sign} ${object}: ${line}`);
  });
}

/** `lines` less one for each equal line of `others`. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
