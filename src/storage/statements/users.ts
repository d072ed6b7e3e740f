import type { User } from '../../messaging/model.ts';
import { USER_COLUMNS, userRow } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** Those of $1 that exist, in any order. */
export const USERS: Statement<User> = {
  name: 'users',
  text: `SELECT ${USER_COLUMNS} FROM users WHERE id = ANY ($1::int[])`,
  row: userRow,
};

export const USER_BY_NAME: Statement<User> = {
  name: 'user_by_name',
  text: `SELECT ${USER_COLUMNS} FROM users WHERE username = $1`,
  row: userRow,
};
