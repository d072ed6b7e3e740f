import type { Told } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import { type Position, positionOf } from './cursor.ts';
import type { Evidence } from './evidence.ts';
import type { Delivery, Life } from './lives.ts';

/** One life, checked for being a gapless piece of its user's log. */
export interface Stream {
  readonly life: Life;
  readonly anomalies: readonly Anomaly[];
  /** What was told at each place, once. */
  readonly bySeq: ReadonlyMap<number, Told>;
  /** The last place that it reached. */
  readonly high: number;
  /** It reached the end of the log. */
  readonly arrived: boolean;
}

export function streamsOf({ lives, finals, events }: Evidence): Stream[] {
  const gaveUp = new Set(events.flatMap((event) => (event.type === 'gave up' ? [event.who] : [])));
  return lives.map((life) => {
    const { bySeq, high, anomalies } = walk(life);
    const cursor = finals.get(life.user)?.cursor;
    const end = cursor === undefined ? undefined : positionOf(cursor).seq;
    if (life.isLast && end !== undefined && high < end && !gaveUp.has(life.device))
      anomalies.push({
        name: 'skipped',
        detail: `${life.device} was told nothing after ${high}, the log ends at ${end}`,
      });
    return { life, anomalies, bySeq, high, arrived: life.isLast && high === end };
  });
}

function walk({ device, start, deliveries }: Life) {
  const anomalies: Anomaly[] = [];
  const bySeq = new Map<number, Told>();
  let high = start.seq;
  for (const { epoch, seq, told } of deliveries) {
    const problem = problemOf({ epoch, seq, told }, { bySeq, high, start });
    if (problem !== null)
      anomalies.push({ name: problem, detail: `${device} at ${high} was told ${seq}: ${brief(told)}` });
    if (!bySeq.has(seq)) bySeq.set(seq, told);
    high = Math.max(high, seq);
  }
  for (let seq = start.seq + 1; seq < high; seq++)
    if (!bySeq.has(seq))
      anomalies.push({ name: 'skipped', detail: `${device} was told ${high} and never ${seq}` });
  return { bySeq, high, anomalies };
}

function problemOf(
  { epoch, seq, told }: Delivery,
  { bySeq, high, start }: { bySeq: ReadonlyMap<number, Told>; high: number; start: Position },
): 'duplicate delivery' | 'non-monotonic cursor' | 'out of order' | null {
  const earlier = bySeq.get(seq);
  if (earlier !== undefined)
    return couldBeSame(earlier, told) ? 'duplicate delivery' : 'non-monotonic cursor';
  if (epoch !== start.epoch || seq <= start.seq) return 'non-monotonic cursor';
  return seq < high ? 'out of order' : null;
}

/** Whether two tellings can be of one event: what has been deleted in between is left out of the later one. */
export function couldBeSame(one: Told, other: Told): boolean {
  if (one.kind !== other.kind) return false;
  const [a, b] = [idsIn(one), idsIn(other)];
  return a.length === 0 || b.length === 0 || a.some((id) => b.includes(id));
}

export function idsIn(told: Told): readonly string[] {
  if (told.kind === 'sent') return told.message === null ? [] : [told.message.id];
  return told.kind === 'deleted' ? told.ids : told.messages.map(({ id }) => id);
}

export const brief = (told: Told): string => `${told.kind} ${idsIn(told).join(' ')}`;
