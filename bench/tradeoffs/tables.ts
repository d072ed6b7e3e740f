import { formatTable } from '../../test/support/table.ts';
import type { WorkResult } from '../report/results.ts';
import { median } from '../support/statistics.ts';
import { CONNECTIONS, compareRounds, middle, slotsOf } from './comparison.ts';
import { BASE } from './forms.ts';
import type { OnAndOff } from './indexes/index-result.ts';
import type { FormResult, SizeResult } from './results.ts';
import { type Staleness, WRITES } from './staleness.ts';

/** What every read and a send take and cost, for each form. */
export function workTable(size: SizeResult): string {
  const rows = size.work.flatMap(({ key, name }: WorkResult) =>
    size.forms.map((form, i) => {
      const cpu = slotsOf(size, key, form.name, 'cpu');
      const of = (values: readonly (number | null)[], digits = 0) => shown(values, digits);
      return [
        i === 0 ? name : '',
        form.name,
        form.phase,
        number(middle(size, key, form.name, 'latency'), 2),
        number(middle(size, key, form.name, 'cpu'), 0),
        of(cpu.map(({ serverCpu }) => serverCpu)),
        of(cpu.map(({ databaseCpu }) => databaseCpu)),
        of(cpu.map(({ programCpu }) => programCpu)),
        of(cpu.map(({ hitRate }) => (hitRate === null ? null : hitRate * 100))),
      ];
    }),
  );
  return formatTable(
    [
      'work',
      'form',
      'phase',
      `p50, ms (${CONNECTIONS.latency} connection)`,
      `CPU, us (${CONNECTIONS.cpu})`,
      'of it server',
      'PostgreSQL',
      'Redis, PgBouncer',
      'cache hits, %',
    ],
    rows,
  );
}

/** What each form takes to get, to keep and to rename in. */
export function keepingTable({ forms, messages }: SizeResult): string {
  const base = forms.find(({ name }) => name === BASE)?.storage.bytes ?? Number.NaN;
  return formatTable(
    [
      'form',
      'made by',
      'seconds',
      'longest lock, ms',
      'bytes a message',
      'storage, %',
      'row, bytes',
      'Redis, MB',
      'rename, ms: few messages',
      'rows',
      'rename, ms: many',
      'rows',
    ],
    forms.map(({ name, preparations, storage, renames: { few, many } }: FormResult) => [
      name,
      preparations.map(({ command }) => command).join(', '),
      preparations.map(({ seconds }) => seconds.toFixed(1)).join(', '),
      preparations
        .flatMap(({ longestLock }) => (longestLock === null ? [] : `${longestLock.ms} (${longestLock.what})`))
        .join(', '),
      (storage.bytes / messages).toFixed(0),
      ((storage.bytes / base) * 100).toFixed(0),
      storage.rowBytes.toFixed(0),
      storage.cacheBytes === null ? '' : (storage.cacheBytes / 1e6).toFixed(1),
      few.ms.toFixed(1),
      few.rows,
      many.ms.toFixed(1),
      many.rows,
    ]),
  );
}

/** How late another program's writes are seen. */
export function stalenessTable({ forms }: SizeResult): string {
  return formatTable(
    ['form', ...WRITES.map((write) => `${write} is seen`), 'report of the year, ms', 'full scan, ms'],
    forms.map(({ name, staleness, scans }) => [
      name,
      ...WRITES.map((write) => describeStaleness(staleness[write])),
      scans.reportMs === null ? 'refused' : scans.reportMs.toFixed(0),
      scans.fullScanMs.toFixed(0),
    ]),
  );
}

export function describeStaleness({ ms, staleAnswers, afterRefresh }: Staleness): string {
  if (ms !== null) return staleAnswers === 0 ? 'at once' : `after ${ms.toFixed(0)} ms`;
  if (afterRefresh === null) return 'NOT while waited for';
  return afterRefresh ? 'with the next refresh' : 'NOT even after a refresh';
}

/** What each index is good for, and what it costs. */
export function indexTable({ indexes, messages }: SizeResult): string {
  const rows = indexes.flatMap(({ name, bytes, reads, send }) => {
    const lines: (OnAndOff & { read: string; unit: string; digits: number })[] = [
      ...reads.map((one) => ({ ...one, unit: 'ms', digits: 2 })),
      { ...send, read: 'send, with 16 connections', unit: 'us of CPU', digits: 0 },
    ];
    return lines.map(({ read, on, off, ratios, unit, digits }, i) => {
      const { ratio, isClear } = compareRounds(ratios);
      return [
        i === 0 ? name : '',
        i === 0 ? (bytes / messages).toFixed(0) : '',
        read,
        unit,
        number(on, digits),
        number(off, digits),
        number(ratio, 2),
        isClear ? (ratio > 1 ? 'slower without' : 'faster without') : '',
      ];
    });
  });
  return formatTable(
    ['index', 'bytes a message', 'read or send', 'unit', 'with', 'without', 'without / with', 'clearly'],
    rows,
  );
}

const number = (value: number, digits: number) => (Number.isNaN(value) ? '' : value.toFixed(digits));

function shown(values: readonly (number | null)[], digits: number): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '' : median(known).toFixed(digits);
}
