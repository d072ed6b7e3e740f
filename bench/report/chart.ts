import { median } from '../support/statistics.ts';
import type { Results } from './results.ts';

const SHOWN = ['one-message', 'newest-50'];
const CONNECTIONS = 16;

const WIDTH = 760;
const LABELS = 130;
const VALUES = 90;
const BAR = 18;
const ROW = 26;
const HEADING = 44;

interface Bar {
  readonly name: string;
  readonly microseconds: number;
}

interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/**
 * Horizontal bars of the servers' CPU a request, as an SVG that is readable on a light page and on a dark one; `null`
 * where nothing of what it shows was measured.
 */
export function drawChart(results: Results): string | null {
  const groups = groupsOf(results);
  if (groups.length === 0) return null;
  const heights = groups.map(({ bars }) => HEADING + bars.length * ROW);
  const height = heights.reduce((sum, one) => sum + one, 0) + HEADING;
  const body = groups.map((group, i) => {
    const top = heights.slice(0, i).reduce((sum, one) => sum + one, 0);
    return drawGroup(group, top);
  });
  const note = `${results.messages.toLocaleString('en')} messages, ${CONNECTIONS} connections, node ${results.node}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="CPU of the server process a request">
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .note { fill: #59636e; font-size: 12px; }
  rect { fill: #afb8c1; }
  .parley { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    rect { fill: #656c76; }
    .parley { fill: #4493f8; }
  }
</style>
${body.join('\n')}
<text class="note" x="0" y="${height - 14}">Microseconds of the server process; shorter is better. ${note}.</text>
</svg>
`;
}

function groupsOf({ work }: Results): Group[] {
  return SHOWN.flatMap((wanted) => {
    const result = work.find(({ key }) => key === wanted);
    const measured = result?.measured.find(({ connections }) => connections === CONNECTIONS);
    if (result === undefined || measured === undefined) return [];
    const bars = Object.entries(measured.slots).map(([name, slots]) => ({
      name,
      microseconds: median(slots.map(({ serverCpu }) => serverCpu)),
    }));
    return [{ title: `CPU a request: ${result.name}`, bars }];
  });
}

function drawGroup({ title, bars }: Group, top: number): string {
  const longest = Math.max(...bars.map(({ microseconds }) => microseconds));
  const scale = (WIDTH - LABELS - VALUES) / longest;
  const rows = bars.map(({ name, microseconds }, i) => {
    const y = top + HEADING + i * ROW;
    const width = Math.max(1, microseconds * scale).toFixed(1);
    const text = y + BAR - 5;
    return [
      `<text x="${LABELS - 10}" y="${text}" text-anchor="end">${name === 'parley' ? 'Parley' : name}</text>`,
      `<rect class="${name}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="3"/>`,
      `<text x="${(LABELS + Number(width) + 8).toFixed(1)}" y="${text}">${microseconds.toFixed(0)} us</text>`,
    ].join('\n');
  });
  return [`<text class="title" x="0" y="${top + HEADING - 14}">${title}</text>`, ...rows].join('\n');
}
