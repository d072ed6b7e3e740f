import type { MessageCount } from '../../storage/scaling/message-count.ts';
import type { Partition } from '../../storage/scaling/relations.ts';
import type { Replica } from '../../storage/scaling/replicas.ts';
import { columns, paragraphs } from './columns.ts';
import { bytes, inDays, messageCount, number, percent, roughly } from './figures.ts';
import type { Phase } from './phase.ts';
import type { Status } from './status.ts';

const PHASES: Readonly<Record<Phase, string>> = {
  1: 'one plain table',
  2: 'replicas and a pooler',
  3: 'partitions',
};

const CERTAINTY: Readonly<Record<MessageCount['certainty'], string>> = {
  counted: 'counted',
  estimated: 'estimated from statistics',
  guessed: 'guessed from their size',
};

/** More than these are only a row of digits. */
const COUNTABLE_IDS = 1e12;

/** For people, in 80 columns. */
export function describeStatus(status: Status): string {
  const { place, table, replicas } = status;
  const role = place.standby ? ', a replica' : '';
  const sections = [
    `${place.database} on ${place.host}:${place.port}, PostgreSQL ${place.version}${role}`,
    paragraphs(summary(status)),
    `Sizes\n${columns(sizes(status), ['left', 'right'])}`,
    table.partitions !== null &&
      `Partitions\n${columns(table.partitions.map(partitionRow), ['left', 'left', 'right', 'left'])}`,
    replicas.list.some(({ state }) => state !== null) &&
      `Replicas\n${columns(replicas.list.map(replicaRow), ['left', 'left', 'left', 'right', 'right'])}`,
    paragraphs(next(status)),
  ];
  return `${sections.filter((section) => section !== false).join('\n\n')}\n`;
}

function summary(status: Status): [string, string][] {
  const { messages, cache } = status;
  return [
    ['Messages', `${roughly(messages)}, ${CERTAINTY[messages.certainty]}`],
    ['Growth', growth(status)],
    ['Ids', ids(status)],
    ['Phase', phaseAndFit(status)],
    ['Reads', reads(status)],
    ['Cache hits', `${hits(status)}; shared_buffers is ${bytes(cache.sharedBuffersBytes)}`],
    ['Replicas', connected(status)],
  ];
}

function growth({ growth: { messagesPerDay, days, atLeast } }: Status): string {
  const rounded = `${atLeast ? 'at least ' : ''}${number(messagesPerDay)} a day`;
  return `${messagesPerDay === 0 ? 'none' : rounded}, over the last ${days === 1 ? 'day' : `${number(days)} days`}`;
}

function ids({ ids: { type, limit, left, daysLeft } }: Status): string {
  const lasting = daysLeft === null ? '' : `, enough for ${inDays(daysLeft)} at this growth`;
  const count = left < COUNTABLE_IDS ? ` (${number(left)})` : '';
  return `${type}, ${percent(left / limit)} left${count}${lasting}`;
}

function phaseAndFit({ phase: { current, recommended }, messages }: Status): string {
  const named = (phase: Phase) => `${phase} (${PHASES[phase]})`;
  const count = messageCount(messages);
  if (current === recommended) return `${named(current)}, which is meant for ${count}`;
  const fits = current < recommended ? 'is meant' : 'would be enough';
  return `${named(current)}; phase ${named(recommended)} ${fits} for ${count}`;
}

function reads({ readStrategy, preparations }: Status): string {
  const others = preparations.flatMap(({ strategy, missing }) =>
    missing === null && strategy !== readStrategy ? [strategy] : [],
  );
  return `${readStrategy} (READ_STRATEGY, as it is set here); the database is prepared for ${others.join(', ')} too`;
}

function hits({ cache: { heap, indexes } }: Status): string {
  if (heap.hitRate === null || indexes.hitRate === null) return 'too few reads yet';
  return `${percent(heap.hitRate)} of the table's pages, ${percent(indexes.hitRate)} of its indexes'`;
}

function connected({ replicas: { visible, list }, place }: Status): string {
  if (list.length === 0) return place.standby ? 'none of its own' : 'none';
  const count = `${number(list.length)} connected`;
  return visible
    ? count
    : `${count}; how far behind, only pg_read_all_stats may see (GRANT pg_read_all_stats TO …)`;
}

function sizes({ table, otherTables }: Status): string[][] {
  return [
    ['messages', table.totalBytes],
    ['  heap', table.heapBytes],
    ['  toast', table.toastBytes],
    ...table.indexes.map((index) => [`  ${index.name}`, index.bytes] as const),
    ...otherTables.map((other) => [other.name, other.bytes] as const),
  ].map(([name, size]) => [name as string, bytes(size as number)]);
}

const BOUNDS = /^FOR VALUES FROM \((?:MINVALUE|'(\S+)[^']*')\) TO \((?:MAXVALUE|'(\S+)[^']*')\)$/;

function range(bounds: string, from: string | undefined, to: string | undefined): string {
  if (from === undefined && to === undefined) return bounds.toLowerCase();
  if (from === undefined) return `before ${to}`;
  return to === undefined ? `${from} on` : `${from} to ${to}`;
}

function partitionRow({ name, bounds, totalBytes, indexBytes }: Partition): string[] {
  const [, from, to] = BOUNDS.exec(bounds) ?? [];
  return [name, range(bounds, from, to), bytes(totalBytes), `indexes ${bytes(indexBytes)}`];
}

function replicaRow({ name, address, state, lagBytes, lagSeconds }: Replica): string[] {
  const bySize = lagBytes === null ? 'unknown' : `${bytes(lagBytes)} behind`;
  const byTime = lagSeconds === null ? '' : `${number(lagSeconds)} s`;
  return [name, address ?? 'local', state ?? '', bySize, byTime];
}

function next({ recommendations, messages, phase }: Status): [string, string][] {
  if (recommendations.length === 0)
    return [['Next', `Nothing to do: phase ${phase.recommended} is enough for ${messageCount(messages)}.`]];
  return recommendations.map(({ text }, i) => [i === 0 ? 'Next' : 'Then', text]);
}
