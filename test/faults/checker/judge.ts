import type { HistoryEvent } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import { findStateDrift, findUnreadDrift } from './drift.ts';
import { findDuplicateMessages } from './duplicates.ts';
import { gather } from './evidence.ts';
import { findFailures } from './failures.ts';
import { findLeaks } from './leaks.ts';
import { findLostWrites } from './lost-writes.ts';
import { findDisorder } from './order.ts';
import { findPhantoms } from './phantoms.ts';
import { replay } from './replay.ts';
import { streamsOf } from './streams.ts';

/**
 * Everything that is wrong with what clients saw, by name; nothing of it is taken from the server's own code. A cause is
 * named once: what follows from it is left out.
 * @param events one round, with its people's last look and the table at the end
 * @throws when it is no history, such as one with an unreadable cursor
 */
export function judge(events: readonly HistoryEvent[]): Anomaly[] {
  const evidence = gather(events);
  const streams = streamsOf(evidence);
  const found: Anomaly[] = [];
  const explained = new Set<string>();
  const add = (anomalies: readonly Anomaly[]) => {
    const news = anomalies.filter(({ ids = [] }) => ids.length === 0 || ids.some((id) => !explained.has(id)));
    found.push(...news);
    for (const { ids = [] } of news) for (const id of ids) explained.add(id);
  };

  add(findFailures(evidence));
  add(findLeaks(evidence));
  add(findPhantoms(evidence));
  add(findDuplicateMessages(evidence));
  add(streams.flatMap(({ anomalies }) => anomalies));
  add(findDisorder(evidence, streams, explained));
  if (evidence.complete) add(findLostWrites(evidence, streams));
  add(streams.flatMap((stream) => (stream.anomalies.length > 0 ? [] : replay(stream).problems)));
  add(findUnreadDrift(evidence));
  if (evidence.complete) add(findStateDrift(evidence, streams, explained));
  return found;
}
