import type { Told } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import type { Evidence } from './evidence.ts';
import { groupBy } from './group.ts';
import { brief, couldBeSame, idsIn, type Stream } from './streams.ts';

/** Where the devices of one user do not tell the same log, or the log is not in the order in which writes ended. */
export function findDisorder(
  evidence: Evidence,
  streams: readonly Stream[],
  explained: ReadonlySet<string>,
): Anomaly[] {
  const byUser = groupBy(streams, ({ life }) => life.user);
  return [...byUser].flatMap(([user, own]) => [
    ...disagreements(own, explained),
    ...timeTravel(evidence, user, own, explained),
  ]);
}

/** What stands at one place must be the same event for everybody. */
function disagreements(streams: readonly Stream[], explained: ReadonlySet<string>): Anomaly[] {
  const first = new Map<number, { device: string; told: Told }>();
  return streams.flatMap(({ life: { device }, bySeq }) =>
    [...bySeq].flatMap(([seq, told]): Anomaly[] => {
      if (idsIn(told).some((id) => explained.has(id))) return [];
      const other = first.get(seq);
      if (other === undefined) first.set(seq, { device, told });
      if (other === undefined || couldBeSame(other.told, told)) return [];
      const detail = `at ${seq} ${other.device} was told: ${brief(other.told)}, and ${device}: ${brief(told)}`;
      return [{ name: 'out of order', detail }];
    }),
  );
}

/** A message whose sending had ended before another one's began must stand before it. */
function timeTravel(
  { origins }: Evidence,
  user: string,
  streams: readonly Stream[],
  explained: ReadonlySet<string>,
): Anomaly[] {
  const log = new Map<number, string>();
  for (const { bySeq, anomalies } of streams)
    for (const [seq, told] of anomalies.length > 0 ? [] : bySeq)
      if (told.kind === 'sent' && told.message !== null) log.set(seq, told.message.id);

  let latest = { begunAt: Number.NEGATIVE_INFINITY, id: '' };
  return [...log]
    .sort(([a], [b]) => a - b)
    .flatMap(([, id]): Anomaly[] => {
      const operation = origins.get(id)?.operation;
      if (operation === undefined || explained.has(id)) return [];
      const before = latest;
      if (operation.begunAt > latest.begunAt) latest = { begunAt: operation.begunAt, id };
      if (operation.doneAt === null || operation.doneAt >= before.begunAt) return [];
      const detail = `in the log of ${user} ${before.id} stands before ${id}, which had been acknowledged before that was sent`;
      return [{ name: 'out of order', detail }];
    });
}
