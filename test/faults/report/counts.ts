import type { HistoryEvent } from '../history/event.ts';

/** How much a history gave the checker to look at. */
export interface Counts {
  readonly 'acknowledged writes': number;
  readonly 'write attempts': number;
  /** Attempts of which the client does not know what has become. */
  readonly 'unanswered writes': number;
  readonly 'sends with a key': number;
  readonly deliveries: number;
  /** Those after which something was told. */
  readonly resumes: number;
  readonly snapshots: number;
  /** Of unread messages. */
  readonly counts: number;
  readonly 'messages shown': number;
  readonly devices: number;
  readonly exits: number;
}

export function countIn(events: readonly HistoryEvent[]): Counts {
  const of = <Type extends HistoryEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<HistoryEvent, { type: Type }> => event.type === type);
  const snapshots = of('snapshot');
  const deliveries = of('delivered');
  const keys = of('begin').flatMap(({ write }) =>
    write.kind === 'send' && write.key !== null ? [write.key] : [],
  );
  return {
    'acknowledged writes': new Set(of('end').flatMap(({ op, outcome }) => (outcome === 'done' ? [op] : [])))
      .size,
    'write attempts': of('begin').length,
    'unanswered writes': of('end').filter(({ outcome }) => outcome === 'unknown').length,
    'sends with a key': new Set(keys).size,
    deliveries: deliveries.length,
    resumes: resumesIn(events),
    snapshots: snapshots.length,
    counts: sum(snapshots.map(({ conversations }) => conversations.length + 1)),
    'messages shown':
      sum(snapshots.map(({ messages }) => messages.length)) +
      sum(deliveries.map(({ told }) => shownIn(told))),
    devices: new Set(of('resume').map(({ device }) => device)).size,
    exits: of('exit').length,
  };
}

function resumesIn(events: readonly HistoryEvent[]): number {
  const untold = new Set<string>();
  let count = 0;
  for (const event of events) {
    if (event.type === 'resume' && event.why !== 'start') untold.add(event.device);
    if (event.type === 'delivered' && untold.delete(event.device)) count++;
  }
  return count;
}

function shownIn(told: Extract<HistoryEvent, { type: 'delivered' }>['told']): number {
  if (told.kind === 'sent') return told.message === null ? 0 : 1;
  return told.kind === 'deleted' ? told.ids.length : told.messages.length;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
