import type { HistoryEvent, Write } from '../history/event.ts';
import { groupBy } from './group.ts';

/** One write with all attempts at it. */
export interface Operation {
  readonly op: string;
  readonly write: Write;
  readonly begunAt: number;
  /** When it was first known to be written; null while that is not known. */
  readonly doneAt: number | null;
  /** After this it changes nothing any more; infinite when an attempt was never answered, since that may come late. */
  readonly finishedAt: number;
  /** False only when every attempt is known to have written nothing. */
  readonly mayBeWritten: boolean;
  /** What the answers called the message. */
  readonly ids: ReadonlySet<string>;
}

type Begin = Extract<HistoryEvent, { type: 'begin' }>;
type End = Extract<HistoryEvent, { type: 'end' }>;

/** By name, in the order in which they began. */
export function operationsOf(events: readonly HistoryEvent[]): Map<string, Operation> {
  const begins = groupBy(events.filter(isBegin), ({ op }) => op);
  const ends = groupBy(events.filter(isEnd), ({ op }) => op);
  // An end without a beginning is left out: what it wrote is a phantom wherever it is shown.
  return new Map([...begins].map(([op, attempts]) => [op, operationOf(attempts, ends.get(op) ?? [])]));
}

function operationOf(attempts: readonly Begin[], ends: readonly End[]): Operation {
  const [{ op, write, at }] = attempts as [Begin];
  const done = ends.filter(({ outcome }) => outcome === 'done');
  const answered = ends.filter(({ outcome }) => outcome !== 'unknown').length;
  return {
    op,
    write,
    begunAt: at,
    doneAt: done[0]?.at ?? null,
    finishedAt: answered < attempts.length ? Number.POSITIVE_INFINITY : (done.at(-1)?.at ?? at),
    mayBeWritten: ends.filter(({ outcome }) => outcome === 'not done').length < attempts.length,
    ids: new Set(done.flatMap((end) => (end.outcome === 'done' && end.id !== undefined ? [end.id] : []))),
  };
}

const isBegin = (event: HistoryEvent): event is HistoryEvent & Begin => event.type === 'begin';
const isEnd = (event: HistoryEvent): event is HistoryEvent & End => event.type === 'end';
