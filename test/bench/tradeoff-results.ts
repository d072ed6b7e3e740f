import type { Slot } from '../../bench/measure/slot.ts';
import type { FormResult, SizeResult, TradeoffResults } from '../../bench/tradeoffs/results.ts';

const slot = (p50: number, serverCpu: number): Slot => ({
  requests: 100,
  requestsPerSecond: 100,
  serverCpu,
  databaseCpu: 50,
  programCpu: null,
  hitRate: null,
  statements: 1,
  p50,
  p99: p50,
});

/** A work in which each form has these latencies in its rounds, and that much CPU of the server. */
export const workOf = (key: string, forms: Readonly<Record<string, readonly number[]>>) => ({
  key,
  name: key,
  measured: [1, 16].map((connections) => ({
    connections,
    slots: Object.fromEntries(
      Object.entries(forms).map(([name, latencies]) => [name, latencies.map((ms) => slot(ms, ms * 100))]),
    ),
  })),
});

const AT_ONCE = { ms: 1, staleAnswers: 0, afterRefresh: null };

export const formResult = (over: Partial<FormResult> & Pick<FormResult, 'name'>): FormResult => ({
  phase: 1,
  strategy: 'normalized',
  preparations: [],
  storage: { bytes: 100_000, rowBytes: 100, cacheBytes: null },
  scans: { reportMs: 20, fullScanMs: 10 },
  staleness: { insert: AT_ONCE, edit: AT_ONCE, delete: AT_ONCE, rename: AT_ONCE },
  renames: { few: { messages: 1, ms: 1, rows: 1 }, many: { messages: 900, ms: 1, rows: 1 } },
  ...over,
});

export const sizeResult = (over: Partial<SizeResult>): SizeResult => ({
  messages: 1_000,
  forms: [formResult({ name: 'normalized' })],
  work: [],
  indexes: [],
  ...over,
});

export const tradeoffResults = (over: Partial<TradeoffResults>): TradeoffResults => ({
  at: '2026-11-01T00:00:00Z',
  command: 'npm run bench:tradeoffs -- --messages 500000',
  node: 'v20.0.0',
  cpus: 2,
  quick: false,
  rounds: 3,
  patienceMs: 2_000,
  leftOut: [],
  sizes: [sizeResult({})],
  ...over,
});
