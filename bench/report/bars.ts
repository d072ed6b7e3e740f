const WIDTH = 760;
const VALUES = 90;
const BAR = 18;
const ROW = 26;
const HEADING = 44;

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Of this kind is what the chart is about. */
  readonly stands: 'out' | 'back';
}

export interface Group {
  readonly title: string;
  /** Follows each number. */
  readonly unit: string;
  readonly digits: number;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  /** What those hear who cannot see it. */
  readonly label: string;
  /** Below all groups. */
  readonly note: string;
  /** Room for names, in pixels. */
  readonly names: number;
  readonly groups: readonly Group[];
}

/** Horizontal bars, as an SVG that is readable on a light page and on a dark one. */
export function drawBars({ label, note, names, groups }: BarChart): string {
  const heights = groups.map(({ bars }) => HEADING + bars.length * ROW);
  const height = heights.reduce((sum, one) => sum + one, 0) + HEADING;
  const body = groups.map((group, i) => {
    const top = heights.slice(0, i).reduce((sum, one) => sum + one, 0);
    return drawGroup(group, top, names);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .note { fill: #59636e; font-size: 12px; }
  .back { fill: #afb8c1; }
  .out { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .back { fill: #656c76; }
    .out { fill: #4493f8; }
  }
</style>
${body.join('\n')}
<text class="note" x="0" y="${height - 14}">${note}</text>
</svg>
`;
}

function drawGroup({ title, unit, digits, bars }: Group, top: number, names: number): string {
  const longest = Math.max(...bars.map(({ value }) => value));
  const scale = (WIDTH - names - VALUES) / longest;
  const rows = bars.map(({ name, value, stands }, i) => {
    const y = top + HEADING + i * ROW;
    const width = Math.max(1, value * scale).toFixed(1);
    const text = y + BAR - 5;
    return [
      `<text x="${names - 10}" y="${text}" text-anchor="end">${name}</text>`,
      `<rect class="${stands}" x="${names}" y="${y}" width="${width}" height="${BAR}" rx="3"/>`,
      `<text x="${(names + Number(width) + 8).toFixed(1)}" y="${text}">${value.toFixed(digits)} ${unit}</text>`,
    ].join('\n');
  });
  return [`<text class="title" x="0" y="${top + HEADING - 14}">${title}</text>`, ...rows].join('\n');
}
