import type { Shown } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import { type Evidence, messagesIn, type Origin, possible, possibleMarks } from './evidence.ts';
import { groupBy } from './group.ts';
import type { Operation } from './operations.ts';
import { type Assignment, canEndAs } from './register.ts';
import type { Stream } from './streams.ts';

/** What was acknowledged and is not there in the end, or was told to nobody. */
export function findLostWrites(evidence: Evidence, streams: readonly Stream[]): Anomaly[] {
  const idsByText = groupBy(evidence.origins, ([, { text }]) => text);
  const wanted = [...evidence.wanted.values()];
  const lost = wanted.flatMap((origin) => {
    const ids = (idsByText.get(origin.text) ?? []).map(([id]) => id);
    const reason = lossOf(evidence, streams, origin, ids);
    return reason === null ? [] : [anomaly(`"${origin.text}" of ${origin.operation.op} ${reason}`, ids)];
  });
  return [
    ...lost,
    ...tornInserts(evidence, idsByText),
    ...[...evidence.table.values()].flatMap(spoiled(evidence)),
  ];
}

function anomaly(detail: string, ids: readonly string[]): Anomaly {
  return { name: 'lost write', detail, ids };
}

function lossOf(
  evidence: Evidence,
  streams: readonly Stream[],
  { operation, sender, receiver }: Origin,
  ids: readonly string[],
): string | null {
  if (operation.doneAt === null || ids.some((id) => possible(evidence, id, 'delete').length > 0)) return null;
  if (!ids.some((id) => evidence.table.has(id))) return 'was acknowledged and is not in the table';
  const untold = [sender, receiver].find((user) => isUntold(streams, user, ids));
  return untold === undefined ? null : `was acknowledged and told to no device of ${untold}`;
}

/** No device of this user was ever shown it, although one was told everything from its beginning to the end. */
function isUntold(streams: readonly Stream[], user: string, ids: readonly string[]): boolean {
  const own = streams.filter(({ life }) => life.user === user);
  const shown = own.flatMap(({ life: { loaded, deliveries } }) => [
    ...loaded.messages,
    ...deliveries.flatMap(({ told }) => messagesIn(told)),
  ]);
  return own.some(isWhole) && !shown.some(({ id }) => ids.includes(id));
}

const isWhole = ({ anomalies, arrived }: Stream) => arrived && anomalies.length === 0;

/** Of one transaction all is written, or nothing. */
function tornInserts({ operations }: Evidence, idsByText: ReadonlyMap<string, unknown>): Anomaly[] {
  return operations.flatMap(({ op, write, doneAt }) => {
    if (write.kind !== 'insert' || doneAt !== null) return [];
    const found = write.drafts.filter(({ text }) => idsByText.has(text)).length;
    const detail = `${op} inserted ${found} of ${write.drafts.length} rows`;
    return found === 0 || found === write.drafts.length ? [] : [anomaly(detail, [])];
  });
}

/** A row that is there, but not as the acknowledged changes left it. */
function spoiled(evidence: Evidence): (row: Shown) => Anomaly[] {
  return ({ id, text, isRead }) => {
    const origin = evidence.origins.get(id);
    if (origin === undefined) return []; // a phantom
    const born = { begunAt: Number.NEGATIVE_INFINITY, finishedAt: Number.NEGATIVE_INFINITY, certain: true };
    const texts = possible(evidence, id, 'edit').map((edit) =>
      assign(edit.write.kind === 'edit' ? edit.write.text : '', edit),
    );
    const reads = [
      ...possible(evidence, id, 'read').map((read) => assign(true, read)),
      ...possible(evidence, id, 'unread').map((unread) => assign(false, unread)),
      ...possibleMarks(evidence, origin).map((mark) => ({
        ...assign(true, mark),
        certain: mark.doneAt !== null && covers(mark, origin, id),
      })),
    ];
    const deleted = possible(evidence, id, 'delete').some(({ doneAt }) => doneAt !== null);
    return [
      ...(deleted ? [anomaly(`${id} was deleted and is in the table`, [id])] : []),
      ...(canEndAs(text, [{ ...born, value: origin.text }, ...texts])
        ? []
        : [anomaly(`${id} has lost an edit: ${text}`, [id])]),
      ...(canEndAs(isRead, [{ ...born, value: false }, ...reads])
        ? []
        : [anomaly(`${id} is ${isRead ? 'read' : 'unread'}, although it was made otherwise later`, [id])]),
    ];
  };
}

function assign<Value>(value: Value, { begunAt, finishedAt, doneAt }: Operation): Assignment<Value> {
  return { value, begunAt, finishedAt, certain: doneAt !== null };
}

/** Whether a mark, if it happened, must have met this message: it was there before, and within the mark's bound. */
function covers({ write, begunAt }: Operation, { operation }: Origin, id: string): boolean {
  const there = operation.doneAt !== null && operation.doneAt < begunAt;
  return there && write.kind === 'mark' && (write.upTo === null || write.upTo === id);
}
