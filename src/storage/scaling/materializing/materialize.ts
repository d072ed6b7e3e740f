import type { Client } from 'pg';
import type { Watcher } from '../change.ts';
import { withLongStatements } from '../long-statements.ts';
import { readBlueprint } from '../partitioning/blueprint.ts';
import { noDefaultPrivileges } from '../partitioning/make.ts';
import { actAsOwner } from '../partitioning/objections.ts';
import { expectOneForm } from '../partitioning/state.ts';
import { expectRoom } from '../room.ts';
import { ShortLocks } from '../under-lock.ts';
import { createFeed, FEED, FEED_ENDS, FEED_REFRESH, feedState, NOTE_ENDS } from './feed.ts';
import { grantAsOnMessages } from './grants.ts';

export type Step = 'make' | 'fill' | 'analyze' | 'drop';

/**
 * Makes the view and fills it, while others read and write. Interrupted anywhere, it is gone on with by calling it again: a
 * view that has never been filled is read by nobody.
 * @param session under the claim of scaling commands
 * @returns whether there was anything to do
 */
export function materialize(session: Client, watcher: Watcher<Step>, signal: AbortSignal): Promise<boolean> {
  return withLongStatements(session, signal, async () => {
    await actAsOwner(session);
    const state = await feedState(session);
    if (state === 'filled') return false;
    // A change of form would end with the view on the table that is dropped then.
    await expectOneForm(session);
    await expectRoom(session, watcher.tell);
    if (state === 'absent') {
      watcher.onStep('make', 0);
      await make(session);
    }
    watcher.onStep('fill', 0);
    await session.query(`BEGIN; ${NOTE_ENDS}; REFRESH MATERIALIZED VIEW ${FEED}; COMMIT`);
    watcher.onStep('analyze', 0);
    await session.query(`VACUUM (ANALYZE) ${FEED}, ${FEED_ENDS}`);
    return true;
  });
}

/** Drops the view, filled or not. @returns whether there was anything to do */
export function dematerialize(
  session: Client,
  watcher: Watcher<Step>,
  signal: AbortSignal,
): Promise<boolean> {
  return withLongStatements(session, signal, async () => {
    await actAsOwner(session);
    if ((await feedState(session)) === 'absent') return false;
    watcher.onStep('drop', 0);
    // Who refreshes the view meanwhile is waited for.
    await new ShortLocks(session, watcher.tell, signal).run(
      'drop',
      `DROP MATERIALIZED VIEW ${FEED}; DROP TABLE ${FEED_ENDS}, ${FEED_REFRESH}`,
    );
    return true;
  });
}

/** Takes no time: it is empty. */
async function make(session: Client): Promise<void> {
  const { schema } = await readBlueprint(session);
  const relations = [FEED_REFRESH, FEED_ENDS, FEED].map((name) => `${schema}.${name}`);
  const privileges = [...relations.map(noDefaultPrivileges), grantAsOnMessages(relations)];
  await session.query(['BEGIN', createFeed(schema), ...privileges, 'COMMIT'].join(';\n'));
}
