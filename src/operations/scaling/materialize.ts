import { dematerialize, materialize } from '../../storage/scaling/materializing/materialize.ts';
import { reversible } from './reversible.ts';

export const MATERIALIZE = reversible({
  does: 'Makes the view that READ_STRATEGY=materialized reads, while servers go on; --revert drops it.',
  steps: {
    make: 'making the view',
    fill: 'filling it',
    analyze: 'reading it through',
    drop: 'dropping the view',
  },
  change: (session, revert, watcher, signal) =>
    (revert ? dematerialize : materialize)(session, watcher, signal),
  describe(changed, revert) {
    if (revert) return changed ? 'The view is gone.' : 'Nothing to do: there is no such view.';
    return changed
      ? 'The view is there. Servers that are started with READ_STRATEGY=materialized read it, and refresh it hourly.'
      : 'Nothing to do: the view is there already. Servers with READ_STRATEGY=materialized refresh it hourly.';
  },
});
