import { compareForm, compareRounds, inWords, type Measure, middle } from './comparison.ts';
import { BASE, PARTITIONED, PGBOUNCER, REPLICA } from './forms.ts';
import type { FormResult, SizeResult } from './results.ts';
import { describeStaleness } from './tables.ts';

/** A claim of the design beside what this run has measured. */
export interface Verdict {
  readonly claim: string;
  readonly verdict: 'held' | 'held in part' | 'did not hold' | 'not measured';
  readonly measured: string;
}

const NOT_MEASURED = {
  verdict: 'not measured',
  measured: 'what it speaks of took no part in this run',
} as const;

/** As the design says it: in percent, and in milliseconds. */
const [CLAIMED_STORAGE, CLAIMED_SCAN_MS] = [15, 500];
/** How far from that is still "15 %". */
const STORAGE_TOLERANCE = 3;

const READS: Readonly<Record<string, string>> = {
  'one-message': 'one message',
  'newest-50': 'the newest 50',
  'page-40': 'a deep page',
};

export const verdictsOf = (size: SizeResult): readonly Verdict[] => [
  storageOfNames(size),
  faster(size, 'denormalized', 'Username columns: faster reads'),
  updates(size),
  fastest(size),
  stale(size, 'cached', 'Redis: risk of stale data'),
  stale(size, 'materialized', 'Materialised view, refreshed hourly: risk of stale data'),
  faster(size, 'materialized', 'Materialised view, pre-joined: faster reads'),
  fullScan(size),
  covering(size),
  partitions(size),
  through(size, REPLICA, 'Read replicas'),
  through(size, PGBOUNCER, 'Connection pooling'),
];

function storageOfNames({ forms, messages }: SizeResult): Verdict {
  const claim = `Username columns cost ${CLAIMED_STORAGE} % storage`;
  const [base, names] = [formOf(forms, BASE), formOf(forms, 'denormalized')];
  if (base === undefined || names === undefined) return { claim, ...NOT_MEASURED };
  const percent = (names.storage.bytes / base.storage.bytes - 1) * 100;
  const ofRow = (names.storage.rowBytes / base.storage.rowBytes - 1) * 100;
  return {
    claim,
    verdict: Math.abs(percent - CLAIMED_STORAGE) <= STORAGE_TOLERANCE ? 'held' : 'did not hold',
    measured:
      `measured: ${signed(percent)} % for table and indexes as the command leaves them ` +
      `(${bytesEach(names, messages)} against ${bytesEach(base, messages)} bytes a message); ${signed(ofRow)} % for a row alone`,
  };
}

/** In words for each read, and whether all, some or none are clearly less. */
function faster(size: SizeResult, form: string, claim: string): Verdict {
  const compared = Object.entries(READS).flatMap(([key, name]) =>
    (['latency', 'cpu'] as const).flatMap((measure) => {
      const comparison = compareForm(size, key, form, BASE, measure);
      return comparison === null ? [] : [{ name, measure, comparison }];
    }),
  );
  if (compared.length === 0) return { claim, ...NOT_MEASURED };
  const less = compared.filter(({ comparison }) => comparison.isClear && comparison.ratio < 1).length;
  const words = compared.map(
    ({ name, measure, comparison }) => `${name} ${WORDS[measure]} ${inWords(comparison)}`,
  );
  return {
    claim,
    verdict: less === compared.length ? 'held' : less === 0 ? 'did not hold' : 'held in part',
    measured: `against ${BASE}, ${words.join('; ')}`,
  };
}

const WORDS: Readonly<Record<Measure, string>> = { latency: 'takes', cpu: 'costs in CPU' };

function updates({ forms }: SizeResult): Verdict {
  const claim = 'Username columns: updates become complex';
  const [base, names] = [formOf(forms, BASE), formOf(forms, 'denormalized')];
  if (base === undefined || names === undefined) return { claim, ...NOT_MEASURED };
  const { few, many } = names.renames;
  return {
    claim,
    verdict: many.rows > base.renames.many.rows ? 'held' : 'did not hold',
    measured:
      `renaming somebody with ${many.messages} messages writes ${many.rows} rows in ${many.ms.toFixed(1)} ms, with ${few.messages} messages ` +
      `${few.rows} rows in ${few.ms.toFixed(1)} ms; ${BASE} ${base.renames.many.rows} in ${base.renames.many.ms.toFixed(1)} ms`,
  };
}

/** Among all of phase 1, by waiting and by CPU; for recent conversations, which the cache is for. */
function fastest(size: SizeResult): Verdict {
  const claim = 'Redis: best performance';
  const rivals = size.forms.filter(({ phase }) => phase === 1).map(({ name }) => name);
  if (!rivals.includes('cached')) return { claim, ...NOT_MEASURED };
  const won = (['latency', 'cpu'] as const).map((measure) => {
    const order = rivals
      .map((name) => ({ name, value: middle(size, 'newest-50-recent', name, measure) }))
      .toSorted((a, b) => a.value - b.value);
    const others = rivals.filter((name) => name !== 'cached');
    const comparisons = others.map((name) => compareForm(size, 'newest-50-recent', 'cached', name, measure));
    const isFirst = order[0]?.name === 'cached';
    const isClear = isFirst && comparisons.every((one) => one?.isClear && one.ratio < 1);
    const [unit, digits] = measure === 'latency' ? (['ms', 2] as const) : (['us', 0] as const);
    const words = order.map(({ name, value }) => `${name} ${value.toFixed(digits)} ${unit}`).join(', ');
    const how = `${measure === 'latency' ? 'latency' : 'CPU'}${isFirst && !isClear ? ', though not clearly' : ''}`;
    return { isClear, words: `by ${how}: ${words}` };
  });
  const cold = compareForm(size, 'newest-50-cold', 'cached', BASE, 'latency');
  const wins = won.filter(({ isClear }) => isClear).length;
  return {
    claim,
    verdict: wins === 2 ? 'held' : wins === 1 ? 'held in part' : 'did not hold',
    measured:
      `the newest 50 of recent conversations ${won.map(({ words }) => words).join('; ')}` +
      (cold === null ? '' : `; what it does not have yet takes ${inWords(cold)} than ${BASE}`),
  };
}

function stale({ forms }: SizeResult, of: FormResult['strategy'], claim: string): Verdict {
  const risky = forms.filter(({ strategy }) => strategy === of);
  if (risky.length === 0) return { claim, ...NOT_MEASURED };
  const isStale = risky.some(({ staleness }) =>
    Object.values(staleness).some(({ staleAnswers }) => staleAnswers > 0),
  );
  const words = risky.map(
    ({ name, staleness }) =>
      `${name}: ${Object.entries(staleness)
        .map(([write, one]) => `${write} ${describeStaleness(one)}`)
        .join(', ')}`,
  );
  return {
    claim,
    verdict: isStale ? 'held' : 'did not hold',
    measured: `another program's write is seen, ${words.join('; ')}`,
  };
}

function fullScan({ forms, messages }: SizeResult): Verdict {
  const claim = `Full scan: ${CLAIMED_SCAN_MS} ms and more`;
  const scans = formOf(forms, BASE)?.scans;
  if (scans === undefined) return { claim, ...NOT_MEASURED };
  const report =
    scans.reportMs === null ? 'is refused: it takes too long' : `takes ${scans.reportMs.toFixed(0)} ms`;
  return {
    claim,
    verdict: scans.fullScanMs >= CLAIMED_SCAN_MS ? 'held' : 'did not hold',
    measured: `with ${messages} messages looking at each takes ${scans.fullScanMs.toFixed(0)} ms, and a report of the year ${report}`,
  };
}

function covering({ indexes }: SizeResult): Verdict {
  const claim = 'The covering index makes reads faster';
  const index = indexes.find(({ name }) => name === 'idx_msg_covering');
  if (index === undefined || index.reads.length === 0) return { claim, ...NOT_MEASURED };
  const compared = index.reads.map(({ read, ratios }) => ({ read, comparison: compareRounds(ratios) }));
  const gains = compared.filter(({ comparison }) => comparison.isClear && comparison.ratio > 1).length;
  const words = compared.map(({ read, comparison }) => `${read} ${inWords(comparison)}`);
  const send = compareRounds(index.send.ratios);
  return {
    claim,
    verdict: gains === compared.length ? 'held' : gains === 0 ? 'did not hold' : 'held in part',
    measured: `without it ${words.join('; ')}; CPU of a send ${inWords(send)}`,
  };
}

function partitions(size: SizeResult): Verdict {
  const { verdict, measured } = through(size, PARTITIONED, '');
  const [base, parts] = [formOf(size.forms, BASE), formOf(size.forms, PARTITIONED)];
  const storage =
    base === undefined || parts === undefined
      ? ''
      : `; storage ${signed((parts.storage.bytes / base.storage.bytes - 1) * 100)} %`;
  return {
    claim: `Monthly partitions: cheaper reads with ${size.messages} messages (phase 3)`,
    verdict,
    measured: `${measured}${storage}`,
  };
}

/** Whether a phase makes a read or a send cheaper at this size, on one machine. */
function through(size: SizeResult, form: string, claim: string): Verdict {
  const { measured, verdict } = faster(size, form, claim);
  if (verdict === 'not measured') return { claim, verdict, measured };
  const send = compareForm(size, 'send', form, BASE, 'cpu');
  const name = form === PARTITIONED ? claim : `${claim}: cheaper reads, all on this one machine (phase 2)`;
  return {
    claim: name,
    verdict,
    measured: `${measured}${send === null ? '' : `; a send costs in CPU ${inWords(send)}`}`,
  };
}

const formOf = (forms: readonly FormResult[], name: string) => forms.find((form) => form.name === name);
const signed = (percent: number) => `${percent < 0 ? '' : '+'}${percent.toFixed(1)}`;
const bytesEach = ({ storage }: FormResult, messages: number) => (storage.bytes / messages).toFixed(0);
