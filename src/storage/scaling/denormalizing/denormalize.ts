import type { ClientBase } from 'pg';
import type { Change, Watcher } from '../change.ts';
import { allowLongStatements } from '../long-statements.ts';
import { readBlueprint } from '../partitioning/blueprint.ts';
import { actAsOwner } from '../partitioning/objections.ts';
import { expectOneForm } from '../partitioning/state.ts';
import { dropHalfMade, reindex } from '../reindex.ts';
import { expectRoom } from '../room.ts';
import { ShortLocks } from '../under-lock.ts';
import { fillNames } from './fill.ts';
import { EVERY_MESSAGE_HAS_NAMES, readStage } from './state.ts';
import { ADD_CHECK, addNames, removeNames } from './triggers.ts';

export type Step = 'add' | 'fill' | 'vacuum' | 'reindex' | 'check' | 'remove';

/**
 * Keeps the names of its people in each message while others read and write. Interrupted anywhere, by whatever, it is gone
 * on with by calling it again, or undone: what it goes by stands in the catalogue and in the messages.
 * @param session under the claim of scaling commands
 */
export async function denormalize(
  session: ClientBase,
  watcher: Watcher<Step>,
  signal: AbortSignal,
): Promise<Change> {
  const locks = await prepare(session, watcher, signal);
  const begun = await readStage(session);
  if (begun === 'none') {
    await expectRoom(session, watcher.tell);
    watcher.onStep('add', 0);
    await locks.run('columns and triggers', addNames((await readBlueprint(session)).schema));
  }
  if (begun === 'none' || begun === 'filling') {
    watcher.onStep('fill', 0);
    const onAdvance = (done: number, ms: number) => {
      locks.note('filling', ms);
      watcher.onStep('fill', done);
    };
    await fillNames(session, { onAdvance, tell: watcher.tell }, signal);
    signal.throwIfAborted();
    // So that its pages are marked as visible to all again, and what was there before can be written over.
    watcher.onStep('vacuum', 0);
    await session.query('VACUUM (ANALYZE, TRUNCATE false) messages');
    // A row that did not fit into its page was in each of them twice.
    await reindex(session, (done) => watcher.onStep('reindex', done), signal);
    await locks.run('check', ADD_CHECK);
  }
  if (begun !== 'done') {
    signal.throwIfAborted();
    watcher.onStep('check', 0);
    // It reads every message, and nobody waits for it.
    await session.query(`ALTER TABLE messages VALIDATE CONSTRAINT ${EVERY_MESSAGE_HAS_NAMES}`);
  }
  return { changed: begun !== 'done', longestLock: locks.longest };
}

/** Undoes it, however far it is. What the names take in the table goes with later writes of their rows. */
export async function normalize(
  session: ClientBase,
  watcher: Watcher<Step>,
  signal: AbortSignal,
): Promise<Change> {
  const locks = await prepare(session, watcher, signal);
  const begun = await readStage(session);
  if (begun !== 'none') {
    watcher.onStep('remove', 0);
    await dropHalfMade(session);
    await locks.run('columns and triggers', removeNames((await readBlueprint(session)).schema));
  }
  return { changed: begun !== 'none', longestLock: locks.longest };
}

async function prepare(
  session: ClientBase,
  watcher: Watcher<Step>,
  signal: AbortSignal,
): Promise<ShortLocks> {
  await allowLongStatements(session);
  await expectOneForm(session);
  await actAsOwner(session);
  return new ShortLocks(session, watcher.tell, signal);
}
