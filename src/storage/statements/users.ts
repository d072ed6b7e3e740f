import type { UserId } from '../../messaging/ids.ts';
import type { User } from '../../messaging/model.ts';
import { userColumns, userRow } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** Those of $1 that exist, in any order. */
export const USERS: Statement<User> = {
  name: 'users',
  text: `SELECT ${userColumns('u')} FROM users u WHERE u.id = ANY ($1::int[])`,
  row: (columns) => userRow(columns),
};

export const USER_BY_NAME: Statement<User> = {
  name: 'user_by_name',
  text: `SELECT ${userColumns('u')} FROM users u WHERE u.username = $1`,
  row: (columns) => userRow(columns),
};

/** Those of the external ids $1 that are users'. */
export const USERS_BY_EXTERNAL_ID: Statement<{ readonly id: UserId; readonly externalId: string }> = {
  name: 'users_by_external_id',
  text: 'SELECT id, external_id FROM users WHERE external_id = ANY ($1::text[])',
  row: ([id, externalId]) => ({ id: id as UserId, externalId: externalId as string }),
};

/**
 * The places in $1 and $2 of the users who do not exist, or have another external id. A subselect, so that each takes one
 * probe of the index: for a join PostgreSQL was seen to read all users.
 */
export const USERS_GONE: Statement<number> = {
  name: 'users_gone',
  text: `
    SELECT (known.position - 1)::int
    FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS known (id, external_id, position)
    WHERE (SELECT u.external_id FROM users u WHERE u.id = known.id) IS DISTINCT FROM known.external_id`,
  row: ([place]) => place as number,
};
