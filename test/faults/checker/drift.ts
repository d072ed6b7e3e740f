import type { Shown } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import { positionOf } from './cursor.ts';
import type { Evidence, Snapshot } from './evidence.ts';
import { replay } from './replay.ts';
import type { Stream } from './streams.ts';

/** Counts that differ from the unread messages that were loaded with them. */
export function findUnreadDrift({ snapshots }: Evidence): Anomaly[] {
  return snapshots.flatMap(({ user, at, unreadCount, conversations, messages }) => {
    const unread = messages.filter(({ receiver, isRead }) => receiver === user && !isRead);
    const wrong = conversations
      .map(({ peer, unreadCount: told }) => ({
        peer,
        told,
        is: unread.filter(({ sender }) => sender === peer).length,
      }))
      .concat({ peer: 'everybody', told: unreadCount, is: unread.length })
      .filter(({ told, is }) => told !== is);
    return wrong.map(({ peer, told, is }) => ({
      name: 'unread drift' as const,
      detail: `${user} at ${at.toFixed(1)} was told of ${told} unread messages from ${peer}, and shown ${is}`,
    }));
  });
}

/** Devices that hold in the end, or when somebody loads in between, something else than what is there. */
export function findStateDrift(
  { table, finals, snapshots }: Evidence,
  streams: readonly Stream[],
  explained: ReadonlySet<string>,
): Anomaly[] {
  const whole = streams.filter(({ anomalies }) => anomalies.length === 0);
  const rowsOf = (user: string) =>
    [...table.values()].filter((row) => row.sender === user || row.receiver === user);
  const differing = [
    ...[...finals.values()].map(({ user, messages }) => ({
      what: `the table and the last look of ${user}`,
      differences: differencesOf(rowsOf(user), messages),
    })),
    ...whole
      .filter(({ arrived }) => arrived)
      .map((stream) => ({
        what: `the table and what ${stream.life.device} holds`,
        differences: differencesOf(rowsOf(stream.life.user), [...replay(stream).messages.values()]),
      })),
    ...whole.flatMap((stream) => {
      const own = snapshots.filter(({ user }) => user === stream.life.user);
      return own.map((snapshot) => ({
        what: `what ${stream.life.device} held at the place of a snapshot, and that`,
        differences: midwayDifferences(stream, snapshot),
      }));
    }),
  ];
  return differing.flatMap(({ what, differences }) => {
    const ids = differences.filter((id) => !explained.has(id));
    return ids.length === 0 ? [] : [{ name: 'state drift', detail: `${what} differ: ${ids.join(' ')}`, ids }];
  });
}

function differencesOf(there: readonly Shown[], held: readonly Shown[]): string[] {
  const [a, b] = [there, held].map((messages) => new Map(messages.map((message) => [message.id, message])));
  const ids = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])]);
  return [...ids].filter((id) => !isSame(a?.get(id), b?.get(id)));
}

function isSame(one: Shown | undefined, other: Shown | undefined): boolean {
  return one?.text === other?.text && one?.isRead === other?.isRead;
}

/**
 * At one place: which messages there are, and that those whose last event so far made them read are read. (Other
 * content is told as it was at the time of telling, and may be ahead.)
 */
function midwayDifferences(stream: Stream, { cursor, messages }: Snapshot): string[] {
  const { seq } = positionOf(cursor);
  if (seq < stream.life.start.seq || seq > stream.high) return [];
  const held = replay(stream, seq).messages;
  const { neverSeen } = replay(stream);
  const shown = new Map(messages.map((message) => [message.id, message]));
  const read = lastRead(stream, seq);
  return [
    ...[...held.keys()].filter((id) => !shown.has(id) || (read.has(id) && shown.get(id)?.isRead === false)),
    ...[...shown.keys()].filter((id) => !held.has(id) && !neverSeen.has(id)),
  ];
}

/** Whose last event so far made them read; without those that were deleted later, whose events may tell nothing. */
function lastRead({ bySeq }: Stream, until: number): Set<string> {
  const read = new Set<string>();
  const inOrder = [...bySeq].sort(([a], [b]) => a - b);
  for (const [seq, told] of inOrder) {
    if (seq > until) break;
    if (told.kind === 'read') for (const { id } of told.messages) read.add(id);
    if (told.kind === 'changed') for (const { id } of told.messages) read.delete(id);
  }
  for (const [, told] of inOrder) if (told.kind === 'deleted') for (const id of told.ids) read.delete(id);
  return read;
}
