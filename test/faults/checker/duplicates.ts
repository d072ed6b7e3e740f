import type { Anomaly } from './anomaly.ts';
import type { Evidence } from './evidence.ts';
import { groupBy } from './group.ts';

/** Wanted messages that there are two of, by all that was ever shown or answered. */
export function findDuplicateMessages({ origins }: Evidence): Anomaly[] {
  const byText = groupBy(origins, ([, { text }]) => text);
  return [...byText].flatMap(([text, found]) => {
    const ids = found.map(([id]) => id);
    const detail = `"${text}" of ${found[0]?.[1].operation.op} has become ${ids.join(' and ')}`;
    return ids.length > 1 ? [{ name: 'duplicate message', detail, ids }] : [];
  });
}
