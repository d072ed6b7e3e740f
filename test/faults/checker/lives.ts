import type { HistoryEvent, Inbox, Told } from '../history/event.ts';
import { type Position, positionOf } from './cursor.ts';

export interface Delivery extends Position {
  readonly told: Told;
}

/** One device from what it loaded to what it was told last; it begins another when it has to load again. */
export interface Life {
  readonly device: string;
  readonly user: string;
  readonly loaded: Inbox;
  readonly start: Position;
  readonly deliveries: readonly Delivery[];
  /** The device has had no other life since. */
  readonly isLast: boolean;
}

export function livesOf(events: readonly HistoryEvent[]): Life[] {
  const current = new Map<string, Life & { deliveries: Delivery[]; isLast: boolean }>();
  const lives: Life[] = [];
  for (const event of events) {
    if (event.type === 'snapshot' && event.device !== null) {
      const { device, user, cursor } = event;
      const life = { device, user, loaded: event, start: positionOf(cursor), deliveries: [], isLast: true };
      const earlier = current.get(device);
      if (earlier) earlier.isLast = false;
      current.set(device, life);
      lives.push(life);
    }
    if (event.type === 'delivered')
      current.get(event.device)?.deliveries.push({ ...positionOf(event.cursor), told: event.told });
  }
  return lives;
}
