import { denormalize, normalize } from '../../storage/scaling/denormalizing/denormalize.ts';
import { describeChange, reversible } from './reversible.ts';

export const DENORMALIZE = reversible({
  does: 'Keeps usernames in messages, for READ_STRATEGY=denormalized, while servers go on; --revert takes them out.',
  steps: {
    add: 'adding columns and triggers',
    fill: 'filling in usernames',
    vacuum: 'vacuuming',
    reindex: 'writing indexes anew',
    check: 'checking every message',
    remove: 'removing columns and triggers',
  },
  change: (session, revert, watcher, signal) => (revert ? normalize : denormalize)(session, watcher, signal),
  describe: (change, revert) => describeChange(change, revert ? 'holds no usernames' : 'holds usernames'),
});
