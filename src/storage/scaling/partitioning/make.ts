import type { ClientBase } from 'pg';
import type { ShortLocks } from '../under-lock.ts';
import { type Blueprint, ident, keyOf, type Trigger } from './blueprint.ts';
import {
  boundsBefore,
  boundsFrom,
  boundsOf,
  FUTURE,
  type Month,
  monthsAfter,
  PAST,
  partitionOf,
} from './months.ts';
import { FORMER, type Form, NEXT } from './state.ts';

/** Column by column as `messages`, but for the type of its ids. */
export const LIKE_MESSAGES = `(LIKE messages INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE
  INCLUDING COMPRESSION INCLUDING COMMENTS)`;

/** Default privileges may have come after `messages`: nobody is given what they had no right to read there. */
export const noDefaultPrivileges = (table: string): string => `
  DO $$ DECLARE who text; BEGIN
    FOR who IN
      SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
      FROM pg_class, aclexplode(relacl) WHERE oid = '${table}'::regclass AND grantee <> relowner
    LOOP EXECUTE 'REVOKE ALL ON ${table} FROM ' || who; END LOOP;
  END $$`;

/**
 * Makes the table that is to take the place of `messages`: empty, and with everything that `messages` has.
 * @param months which get a partition each; `null` for one table
 */
export async function makeNext(
  session: ClientBase,
  locks: ShortLocks,
  blueprint: Blueprint,
  months: readonly Month[] | null,
): Promise<void> {
  const table = `${NEXT}.messages`;
  const target: Form = months === null ? 'plain' : 'partitioned';
  await session.query(`
    BEGIN;
    CREATE SCHEMA IF NOT EXISTS ${FORMER};
    CREATE SCHEMA ${NEXT};
    CREATE TABLE ${NEXT}.progress AS SELECT '${target}'::text AS target, 'make'::text AS step,
      '${blueprint.fingerprint}'::text AS fingerprint,
      0::bigint AS since, 0::bigint AS reached, 0::bigint AS until;
    CREATE TABLE ${table} ${LIKE_MESSAGES} ${target === 'partitioned' ? 'PARTITION BY RANGE (created_at)' : storageOf(blueprint)};
    ALTER TABLE ${table} ALTER COLUMN id TYPE ${target === 'partitioned' ? 'bigint' : 'int'};
    ALTER TABLE ${table} ADD CONSTRAINT messages_pkey PRIMARY KEY (${keyOf(target).join(', ')});
    ${[noDefaultPrivileges(table), ...blueprint.indexes(table), ...blueprint.grants(table)].join(';\n')};
    DO $$ BEGIN EXECUTE format('COMMENT ON TABLE ${table} IS %L', obj_description('messages'::regclass)); END $$;
    COMMIT`);
  // These lock users.
  await locks.run('foreign keys', blueprint.foreignKeys(table).join(';\n'));
  await session.query(
    blueprint.triggers
      .flatMap((trigger) => [
        trigger.create(table),
        // They come into force when the table does.
        `ALTER TABLE ${table} DISABLE TRIGGER ${ident(trigger.name)}`,
      ])
      .join(';\n'),
  );
  if (months === null) return;
  for (const [name, bounds] of partitionsFor(months))
    await locks.run('partition', createPartition(blueprint, table, name, bounds));
}

/** Names and bounds. Without a default partition, with which PostgreSQL would have to look at all of them for the newest. */
function partitionsFor(months: readonly Month[]): readonly [name: string, bounds: string][] {
  const [first, last] = [months[0] as Month, months.at(-1) as Month];
  return [
    [PAST, boundsBefore(first)],
    ...months.map((month): [string, string] => [partitionOf(month), boundsOf(month)]),
    [FUTURE, boundsFrom(monthsAfter(last, 1))],
  ];
}

function createPartition(blueprint: Blueprint, parent: string, name: string, bounds: string): string {
  const partition = `${blueprint.schema}.${name}`;
  return [
    `CREATE TABLE ${partition} PARTITION OF ${parent} ${bounds} ${storageOf(blueprint)}`,
    noDefaultPrivileges(partition),
    ...ownTriggers(blueprint, partition),
  ].join(';\n');
}

/** Those that a partition has besides its parent's, so that what is written straight to it counts, too. */
export function ownTriggers({ triggers }: Blueprint, partition: string): readonly string[] {
  return (
    triggers
      // A trigger for each row comes from the parent.
      .filter(({ forEachRow }) => !forEachRow)
      .flatMap((trigger) => [trigger.create(partition), inForce(trigger, partition)])
  );
}

/** As it stands in the blueprint, for one that was created just now or has been disabled. */
export function inForce({ enable, name }: Trigger, table: string): string {
  return `ALTER TABLE ${table} ${enable ?? 'DISABLE'} TRIGGER ${ident(name)}`;
}

export function storageOf({ options, tablespace }: Blueprint): string {
  const parts = [options && `WITH (${options})`, tablespace && `TABLESPACE ${ident(tablespace)}`];
  return parts.filter(Boolean).join(' ');
}
