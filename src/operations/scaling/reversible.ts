import type { Client } from 'pg';
import type { Change, Watcher } from '../../storage/scaling/change.ts';
import { type Command, readOptions } from './command.ts';
import { Progress } from './progress.ts';
import { underClaim } from './under-claim.ts';

const INTERRUPTED = 'Nothing is lost: run it again to go on, or the other way (--revert) to undo it.';

interface Reversible<Step extends string, Done> {
  /** One sentence. */
  readonly does: string;
  /** What each step is called. */
  readonly steps: Readonly<Record<Step, string>>;
  /** Makes the change, or takes it back. */
  readonly change: (
    session: Client,
    revert: boolean,
    watcher: Watcher<Step>,
    signal: AbortSignal,
  ) => Promise<Done>;
  /** What has been done, in a line. */
  readonly describe: (done: Done, revert: boolean) => string;
}

/** A command that changes how messages are kept while servers go on, and with --revert takes that back. */
export function reversible<Step extends string, Done>({
  does,
  steps,
  change,
  describe,
}: Reversible<Step, Done>): Command {
  return {
    synopsis: '[--revert]',
    does,
    async run(args) {
      const { revert } = readOptions(args, { revert: { type: 'boolean', default: false } });
      using progress = new Progress();
      const watcher: Watcher<Step> = {
        onStep: (step, done) => progress.show(steps[step], done),
        tell: (line) => progress.tell(line),
      };
      const done = await underClaim(watcher.tell, async (session, signal) => {
        signal.addEventListener('abort', () => progress.tell(INTERRUPTED));
        return change(session, revert, watcher, signal);
      });
      process.stdout.write(`${describe(done, revert)}\n`);
    },
  };
}

/** @param state what messages are now, such as `is one table` */
export function describeChange({ changed, longestLock }: Change, state: string): string {
  if (!changed) return `Nothing to do: messages ${state} already.`;
  const lock =
    longestLock === null
      ? ''
      : ` Nobody had to wait for it longer than ${Math.ceil(longestLock.ms)} ms (${longestLock.what}).`;
  return `messages ${state} now.${lock}`;
}
