import { dematerialize, materialize, type Step } from '../../storage/scaling/materializing/materialize.ts';
import { type Command, readOptions } from './command.ts';
import { Progress } from './progress.ts';
import { underClaim } from './under-claim.ts';

const STEPS: Readonly<Record<Step, string>> = {
  make: 'making the view',
  fill: 'filling it',
  analyze: 'reading it through',
  drop: 'dropping the view',
};

const INTERRUPTED = 'Nothing is lost: run it again to go on, or with --revert to undo it.';

export const MATERIALIZE: Command = {
  synopsis: '[--revert]',
  does: 'Makes the view that READ_STRATEGY=materialized reads, while servers go on; --revert drops it.',
  async run(args) {
    const { revert } = readOptions(args, { revert: { type: 'boolean', default: false } });
    using progress = new Progress();
    const watcher = {
      onStep: (step: Step) => progress.show(STEPS[step], 0),
      tell: (line: string) => progress.tell(line),
    };
    const work = revert ? dematerialize : materialize;
    const changed = await underClaim(async (session, signal) => {
      signal.addEventListener('abort', () => progress.tell(INTERRUPTED));
      return work(session, watcher, signal);
    });
    process.stdout.write(`${describe(revert, changed)}\n`);
  },
};

function describe(revert: boolean, changed: boolean): string {
  if (revert) return changed ? 'The view is gone.' : 'Nothing to do: there is no such view.';
  return changed
    ? 'The view is there. Servers that are started with READ_STRATEGY=materialized read it, and refresh it hourly.'
    : 'Nothing to do: the view is there already. Servers with READ_STRATEGY=materialized refresh it hourly.';
}
