import {
  type Denormalization,
  denormalize,
  normalize,
  type Step,
} from '../../storage/scaling/denormalizing/denormalize.ts';
import { type Command, readOptions } from './command.ts';
import { Progress } from './progress.ts';
import { underClaim } from './under-claim.ts';

const STEPS: Readonly<Record<Step, string>> = {
  add: 'adding columns and triggers',
  fill: 'filling in usernames',
  vacuum: 'vacuuming',
  check: 'checking every message',
  remove: 'removing columns and triggers',
};

const INTERRUPTED = 'Nothing is lost: run it again to go on, or with --revert to undo it.';

export const DENORMALIZE: Command = {
  synopsis: '[--revert]',
  does: 'Keeps usernames in messages, for READ_STRATEGY=denormalized, while servers go on; --revert takes them out.',
  async run(args) {
    const { revert } = readOptions(args, { revert: { type: 'boolean', default: false } });
    using progress = new Progress();
    const watcher = {
      onStep: (step: Step, done: number) => progress.show(STEPS[step], done),
      tell: (line: string) => progress.tell(line),
    };
    const done = await underClaim(async (session, signal) => {
      signal.addEventListener('abort', () => progress.tell(INTERRUPTED));
      return revert ? normalize(session, watcher, signal) : denormalize(session, watcher, signal);
    });
    process.stdout.write(describe(done, revert));
  },
};

function describe({ changed, longestLock }: Denormalization, revert: boolean): string {
  const state = revert ? 'holds no usernames' : 'holds usernames';
  if (!changed) return `Nothing to do: messages ${state} already.\n`;
  const lock =
    longestLock === null
      ? ''
      : ` Nobody had to wait for it longer than ${Math.ceil(longestLock.ms)} ms (${longestLock.what}).`;
  return `messages ${state} now.${lock}\n`;
}
