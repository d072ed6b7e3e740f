import { convert } from '../../storage/scaling/partitioning/convert.ts';
import { describeChange, reversible } from './reversible.ts';

export const PARTITION = reversible({
  does: 'Gives messages a partition for each month, while servers go on; --revert makes it one table again.',
  steps: {
    make: 'making the new table',
    copy: 'copying',
    compare: 'comparing',
    swap: 'changing places',
    drop: 'dropping what was replaced',
    discard: 'dropping what was begun',
  },
  change: (session, revert, watcher, signal) =>
    convert(session, revert ? 'plain' : 'partitioned', watcher, signal),
  describe: (change, revert) =>
    describeChange(change, revert ? 'is one table' : 'has a partition for each month'),
});
