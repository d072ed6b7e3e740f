import { type Conversion, convert } from '../../storage/scaling/partitioning/convert.ts';
import type { Form, Step } from '../../storage/scaling/partitioning/state.ts';
import { type Command, readOptions } from './command.ts';
import { Progress } from './progress.ts';
import { underClaim } from './under-claim.ts';

const FORMS: Readonly<Record<Form, string>> = {
  plain: 'is one table',
  partitioned: 'has a partition for each month',
};

const STEPS: Readonly<Record<Step, string>> = {
  make: 'making the new table',
  copy: 'copying',
  compare: 'comparing',
  swap: 'changing places',
  drop: 'dropping what was replaced',
  discard: 'dropping what was begun',
};

const INTERRUPTED = 'Nothing is lost: run it again to go on, or the other way (--revert) to undo it.';

export const PARTITION: Command = {
  synopsis: '[--revert]',
  does: 'Gives messages a partition for each month, while servers go on; --revert makes it one table again.',
  async run(args) {
    const { revert } = readOptions(args, { revert: { type: 'boolean', default: false } });
    const target: Form = revert ? 'plain' : 'partitioned';
    using progress = new Progress();
    const watcher = {
      onStep: (step: Step, done: number) => progress.show(STEPS[step], done),
      tell: (line: string) => progress.tell(line),
    };
    const conversion = await underClaim(async (session, signal) => {
      signal.addEventListener('abort', () => progress.tell(INTERRUPTED));
      return convert(session, target, watcher, signal);
    });
    process.stdout.write(describe(target, conversion));
  },
};

function describe(target: Form, { changed, longestLock }: Conversion): string {
  if (!changed) return `Nothing to do: messages ${FORMS[target]} already.\n`;
  const lock =
    longestLock === null
      ? ''
      : ` Nobody had to wait for it longer than ${Math.ceil(longestLock.ms)} ms (${longestLock.what}).`;
  return `messages ${FORMS[target]} now.${lock}\n`;
}
