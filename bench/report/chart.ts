import { median } from '../support/statistics.ts';
import { drawBars, type Group } from './bars.ts';
import type { Results } from './results.ts';

const SHOWN = ['one-message', 'newest-50'];
const CONNECTIONS = 16;
/** Pixels. */
const NAMES = 130;

/** The servers' CPU a request; `null` where nothing of what it shows was measured. */
export function drawChart(results: Results): string | null {
  const groups = groupsOf(results);
  if (groups.length === 0) return null;
  const measured = `${results.messages.toLocaleString('en')} messages, ${CONNECTIONS} connections, node ${results.node}`;
  const note = `Microseconds of the server process; shorter is better. ${measured}.`;
  return drawBars({ label: 'CPU of the server process a request', note, names: NAMES, groups });
}

function groupsOf({ work }: Results): Group[] {
  return SHOWN.flatMap((wanted) => {
    const result = work.find(({ key }) => key === wanted);
    const measured = result?.measured.find(({ connections }) => connections === CONNECTIONS);
    if (result === undefined || measured === undefined) return [];
    const bars = Object.entries(measured.slots).map(([name, slots]) => ({
      name: name === 'parley' ? 'Parley' : name,
      value: median(slots.map(({ serverCpu }) => serverCpu)),
      stands: name === 'parley' ? ('out' as const) : ('back' as const),
    }));
    return [{ title: `CPU a request: ${result.name}`, unit: 'us', digits: 0, bars }];
  });
}
