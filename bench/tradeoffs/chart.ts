import { type Bar, drawBars, type Group } from '../report/bars.ts';
import { type Measure, middle } from './comparison.ts';
import { BASE } from './forms.ts';
import type { FormResult, SizeResult, TradeoffResults } from './results.ts';

/** Pixels. */
const NAMES = 180;

const SHOWN: readonly (readonly [string, string, Measure])[] = [
  ['one-message', 'One message', 'latency'],
  ['newest-50', 'Newest 50', 'latency'],
  ['newest-50', 'Newest 50', 'cpu'],
  ['page-40', 'Deep page', 'latency'],
  ['send', 'Send', 'cpu'],
];

/** Reads, sends and storage of every form, one size below the other. */
export function drawTradeoffs({ node, quick, sizes }: TradeoffResults): string {
  const small = quick ? 'Quick run, too small to decide by. ' : 'Shorter is better. ';
  return drawBars({
    label: 'What each read strategy and phase costs',
    note: `${small}CPU of server, PostgreSQL, Redis and PgBouncer. node ${node}.`,
    names: NAMES,
    groups: sizes.flatMap(groupsOf),
  });
}

function groupsOf(size: SizeResult): Group[] {
  const messages = `${size.messages.toLocaleString('en')} messages`;
  const barsOf = (value: (form: FormResult) => number): Bar[] =>
    size.forms
      .map((form) => ({
        name: form.name,
        value: value(form),
        stands: form.name === BASE ? ('back' as const) : ('out' as const),
      }))
      .filter((bar) => !Number.isNaN(bar.value));
  const works = SHOWN.map(([key, title, measure]) => ({
    title: `${title}, ${measure === 'latency' ? 'median latency' : 'CPU'} (${messages})`,
    unit: measure === 'latency' ? 'ms' : 'us',
    digits: measure === 'latency' ? 2 : 0,
    bars: barsOf(({ name }) => middle(size, key, name, measure)),
  }));
  const storage = {
    title: `Storage, bytes a message (${messages})`,
    unit: 'B',
    digits: 0,
    bars: barsOf((form) => form.storage.bytes / size.messages),
  };
  return [...works, storage].filter(({ bars }) => bars.length > 0);
}
