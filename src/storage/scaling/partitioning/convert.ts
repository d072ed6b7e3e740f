import type { ClientBase } from 'pg';
import type { PassWatcher } from '../batches.ts';
import type { Change, Watcher } from '../change.ts';
import { allowLongStatements } from '../long-statements.ts';
import { expectRoom } from '../room.ts';
import { ShortLocks } from '../under-lock.ts';
import { readBlueprint } from './blueprint.ts';
import { compareMessages, copyMessages, noteRange } from './copy.ts';
import { makeNext } from './make.ts';
import { mirrorFunctions, mirrorTable, unmirrorTable } from './mirror.ts';
import { type Month, monthsToMake } from './months.ts';
import { actAsOwner, expectNoObjection } from './objections.ts';
import {
  FORMER,
  type Form,
  formOf,
  NEXT,
  noteStep,
  type Progress,
  readProgress,
  type Step,
} from './state.ts';
import { outwaitSnapshots, swapTables } from './swap.ts';

/**
 * Gives `messages` the form `target` while others read and write it. Interrupted anywhere, by whatever, it is gone on with
 * by calling it again, or undone by calling it with the other form.
 * @param session under the claim of scaling commands
 * @param months which have a partition each; by default those that need one
 */
export async function convert(
  session: ClientBase,
  target: Form,
  watcher: Watcher<Step>,
  signal: AbortSignal,
  months?: readonly Month[],
): Promise<Change> {
  const work = new Work(session, watcher, signal, months);
  await allowLongStatements(session);
  const changed = await work.run(target);
  return { changed, longestLock: work.locks.longest };
}

class Work {
  readonly locks: ShortLocks;
  readonly #session: ClientBase;
  readonly #watcher: Watcher<Step>;
  readonly #signal: AbortSignal;

  readonly #months: readonly Month[] | undefined;

  constructor(
    session: ClientBase,
    watcher: Watcher<Step>,
    signal: AbortSignal,
    months: readonly Month[] | undefined,
  ) {
    this.locks = new ShortLocks(session, watcher.tell, signal);
    this.#session = session;
    this.#watcher = watcher;
    this.#signal = signal;
    this.#months = months;
  }

  /** Goes by what stands in the database alone, so that it does not matter who has begun it. */
  async run(target: Form): Promise<boolean> {
    let changed = false;
    await actAsOwner(this.#session);
    for (;;) {
      this.#signal.throwIfAborted();
      const progress = await readProgress(this.#session);
      if (progress === null) {
        if ((await formOf(this.#session)) === target) return changed;
        await expectNoObjection(this.#session, target);
        await expectRoom(this.#session, this.#watcher.tell);
        await this.#make(target);
      } else await this.#goOn(progress, target);
      changed = true;
    }
  }

  async #goOn({ target, step }: Progress, wanted: Form): Promise<void> {
    this.#watcher.onStep(step, 0);
    if (step === 'drop') return this.#drop(FORMER);
    if (step === 'discard') return this.#drop(NEXT);
    // What was only half made is made anew.
    if (step === 'make' || target !== wanted) return this.#discard();
    if (step === 'copy') return this.#copy();
    if (step === 'compare') return this.#compare();
    await outwaitSnapshots(this.#session, this.#watcher.tell, this.#signal);
    await this.locks.run('swap', swapTables(await readBlueprint(this.#session), target));
  }

  async #make(target: Form): Promise<void> {
    this.#watcher.onStep('make', 0);
    const blueprint = await readBlueprint(this.#session);
    const months = target === 'plain' ? null : (this.#months ?? (await monthsToMake(this.#session)));
    await makeNext(this.#session, this.locks, blueprint, months);
    await this.#session.query(mirrorFunctions(blueprint, target));
    for (const table of await tablesOf(this.#session, 'messages'))
      await this.locks.run('triggers', mirrorTable(table));
    await this.#session.query(noteStep('copy'));
  }

  async #copy(): Promise<void> {
    await noteRange(this.#session);
    const blueprint = await readBlueprint(this.#session);
    await copyMessages(this.#session, blueprint, this.#watch('copy'), this.#signal);
    // So that the first who read it have good plans, and find its pages marked as visible to all.
    await this.#session.query(`VACUUM (ANALYZE) ${NEXT}.messages`);
    await this.#session.query(noteStep('compare'));
  }

  async #compare(): Promise<void> {
    const blueprint = await readBlueprint(this.#session);
    await compareMessages(this.#session, blueprint, this.#watch('compare'), this.#signal);
    await this.#session.query(noteStep('swap'));
  }

  async #discard(): Promise<void> {
    for (const table of await tablesOf(this.#session, 'messages'))
      await this.locks.run('triggers', unmirrorTable(table));
    await this.#session.query(noteStep('discard'));
  }

  /** What has been replaced, or will not be needed. One partition at a time: each of them locks users for a moment. */
  async #drop(schema: typeof NEXT | typeof FORMER): Promise<void> {
    const tables = await tablesOf(this.#session, `${schema}.messages`);
    for (const table of tables.reverse()) await this.locks.drop(table);
    await this.#session.query(`DROP SCHEMA IF EXISTS ${FORMER} CASCADE; DROP SCHEMA ${NEXT} CASCADE`);
  }

  #watch(step: 'copy' | 'compare'): PassWatcher {
    return {
      onAdvance: (done, ms) => {
        this.locks.note(step, ms);
        this.#watcher.onStep(step, done);
      },
      tell: this.#watcher.tell,
    };
  }
}

/** The table itself, then its partitions; none where it is not. */
async function tablesOf(session: ClientBase, table: string): Promise<string[]> {
  const { rows } = await session.query(
    `SELECT oid::regclass::text AS name FROM (
       SELECT to_regclass($1)::oid AS oid UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass($1)
     ) found WHERE oid IS NOT NULL`,
    [table],
  );
  return rows.map(({ name }) => name);
}
