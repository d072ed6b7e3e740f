import { rebuild } from '../../storage/scaling/rebuild.ts';
import { type Command, readOptions } from './command.ts';
import { number } from './figures.ts';
import { Progress } from './progress.ts';
import { underClaim } from './under-claim.ts';

export const REBUILD: Command = {
  synopsis: '',
  does: 'Counts conversation lists anew after a restore, or whatever wrote past the triggers; all subscriptions resync.',
  async run(args) {
    readOptions(args, {});
    using progress = new Progress();
    const tell = (line: string) => progress.tell(line);
    const { users, entries } = await underClaim(tell, (session, signal) =>
      rebuild(session, (done) => progress.show('rebuilding', done), signal),
    );
    const mended = entries === 0 ? 'were right' : `are right now: ${number(entries)} entries were not`;
    process.stdout.write(`The lists of ${number(users)} users ${mended}. Subscriptions resync.\n`);
  },
};
