import type { Queryable } from '../../migrations/status.ts';

/** PostgreSQL itself has looked that every message has both names, once this check is valid: no note of ours can be wrong. */
export const EVERY_MESSAGE_HAS_NAMES = 'messages_usernames';

/**
 * How far it is: no names at all; new messages have them, and old ones are given theirs; every message has them, and that is
 * being looked at; done.
 */
export type Stage = 'none' | 'filling' | 'checking' | 'done';

// The columns alone may be somebody else's.
const SELECT_STAGE = `
  SELECT CASE
    WHEN EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('messages')
      AND conname = '${EVERY_MESSAGE_HAS_NAMES}' AND convalidated) THEN 'done'
    WHEN EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('messages')
      AND conname = '${EVERY_MESSAGE_HAS_NAMES}') THEN 'checking'
    WHEN EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('users') AND tgname = 'user_renamed') THEN 'filling'
    ELSE 'none' END AS stage`;

/** As the catalogue shows it, for the same price however many messages there are. */
export async function readStage(database: Queryable): Promise<Stage> {
  const { rows } = await database.query(SELECT_STAGE);
  return (rows as readonly { readonly stage: Stage }[])[0]?.stage ?? 'none';
}

const COMMAND = 'npm run scale -- denormalize';

/** For a server that is to read the names; `null` when it can. */
export async function whyNotDenormalized(database: Queryable): Promise<string | null> {
  const stage = await readStage(database);
  if (stage === 'done') return null;
  return stage === 'none'
    ? `READ_STRATEGY=denormalized reads usernames from messages, which has none: run ${COMMAND}.`
    : `READ_STRATEGY=denormalized reads usernames from messages, and not every message is known to have them yet: run ${COMMAND} to its end.`;
}
