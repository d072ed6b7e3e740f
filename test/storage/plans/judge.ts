import { type Plan, type Scan, scansOf, total } from './plan.ts';

/** What one operation may cost, all its statements and their triggers together. */
export interface Bounds {
  /** Rows looked at. */
  readonly rows: number;
  /** Each must be used. */
  readonly indexes?: readonly string[];
}

/** Reading all of it is reading one row, by its own definition. */
const ONE_ROW_TABLE = 'inbox_epoch';

/**
 * A search goes down an index and finds its row, or some dead versions of it. What reads more has walked through the
 * index: PostgreSQL does not count the entries that an index scan skips.
 */
const BLOCKS_A_ROW = 8;
const BLOCKS_A_SCAN = 20;

/** What is wrong with how an operation was run, and then all its scans; nothing when it is as it should be. */
export function complaints(plans: readonly Plan[], bounds: Bounds): string[] {
  const scans = plans.flatMap((plan) =>
    scansOf(plan)
      .filter(isOurs)
      .map((scan) => ({ ...scan, plan })),
  );
  const rows = total(scans.map((scan) => scan.rows));
  const used = new Set(scans.flatMap(({ indexes }) => indexes));
  const found = [
    ...(plans.length === 0 ? ['no plan was heard'] : []),
    ...scans.filter(({ type }) => type === 'Seq Scan').map(({ table }) => `Seq Scan on ${table}`),
    ...(bounds.indexes ?? []).filter((index) => !used.has(index)).map((index) => `${index} is not used`),
    ...scans
      .filter((scan) => scan.blocks > BLOCKS_A_ROW * scan.rows + BLOCKS_A_SCAN)
      .map(({ table, blocks, rows }) => `${blocks} blocks of ${table} are read for ${rows} rows`),
    ...(rows > bounds.rows ? [`${rows} rows are read, of at most ${bounds.rows}`] : []),
  ];
  return found.length === 0 ? [] : [...found, ...summary(scans)];
}

/** PostgreSQL's own tables come from its caches. */
function isOurs({ table }: Scan): boolean {
  return table !== ONE_ROW_TABLE && !table.startsWith('pg_');
}

type PlannedScan = Scan & { readonly plan: Plan };

/** What several statements did alike is one line. */
function summary(scans: readonly PlannedScan[]): string[] {
  const alike = new Map<string, PlannedScan[]>();
  for (const scan of scans) {
    const what = [`  ${brief(scan.plan)}:`, scan.type, scan.table, ...scan.indexes].join(' ');
    alike.set(what, [...(alike.get(what) ?? []), scan]);
  }
  return [...alike].map(([what, same]) => {
    const rows = total(same.map((scan) => scan.rows));
    const blocks = total(same.map((scan) => scan.blocks));
    return `${what}: ${rows} rows, ${blocks} blocks in ${same.length} scans`;
  });
}

const LONGEST = 60;

function brief({ statement }: Plan): string {
  const line = statement.trim().replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
