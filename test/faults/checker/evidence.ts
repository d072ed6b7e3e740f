import type { Draft, HistoryEvent, Shown, Told } from '../history/event.ts';
import { groupBy } from './group.ts';
import { type Life, livesOf } from './lives.ts';
import { type Operation, operationsOf } from './operations.ts';

type Of<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { type: Type }>;
export type Snapshot = Of<'snapshot'>;

/** One showing of one message. */
export interface Sighting {
  /** Who was shown it; null for the table and for other programs, which may see everything. */
  readonly user: string | null;
  readonly where: string;
  readonly message: Shown;
}

/** A message that somebody wanted, and the write that it was part of. */
export interface Origin extends Draft {
  readonly operation: Operation;
}

/** A history, put in order for the checks. */
export interface Evidence {
  readonly events: readonly HistoryEvent[];
  /** It has an end: the table was read. What must be there is judged only then. */
  readonly complete: boolean;
  readonly operations: readonly Operation[];
  readonly lives: readonly Life[];
  readonly snapshots: readonly Snapshot[];
  /** Each user's last look, when everything was quiet. */
  readonly finals: ReadonlyMap<string, Snapshot>;
  readonly table: ReadonlyMap<string, Shown>;
  readonly sightings: readonly Sighting[];
  /** Each wanted message by its text. */
  readonly wanted: ReadonlyMap<string, Origin>;
  /** What each message was written as, by its id; of those that nobody wrote there is none. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** What other programs wrote to existing messages, by id. */
  readonly changes: ReadonlyMap<string, readonly Operation[]>;
}

export function gather(events: readonly HistoryEvent[]): Evidence {
  const operations = [...operationsOf(events).values()];
  const snapshots = events.filter((event) => event.type === 'snapshot');
  const lives = livesOf(events);
  const tables = events.filter((event) => event.type === 'table');
  const rows = tables.flatMap(({ messages }) => messages);
  const sightings = [
    ...snapshots.flatMap(({ user, device, at, messages }) =>
      seen(user, `a snapshot of ${device ?? user} at ${at.toFixed(1)}`, messages),
    ),
    ...lives.flatMap(({ user, device, deliveries }) =>
      deliveries.flatMap(({ seq, told }) => seen(user, `event ${seq} of ${device}`, messagesIn(told))),
    ),
    ...operations.flatMap(({ op, write }) => seen(null, `what ${op} found`, messagesChanged(write))),
    ...seen(null, 'the table', rows),
  ];
  const wanted = new Map(operations.flatMap(draftsOf).map((origin) => [origin.text, origin]));
  return {
    events,
    complete: tables.length > 0,
    operations,
    lives,
    snapshots,
    finals: new Map(snapshots.filter(({ final }) => final).map((snapshot) => [snapshot.user, snapshot])),
    table: new Map(rows.map((row) => [row.id, row])),
    sightings,
    wanted,
    origins: originsOf(operations, sightings, wanted),
    changes: changesOf(operations),
  };
}

function seen(user: string | null, where: string, messages: readonly Shown[]): Sighting[] {
  return messages.map((message) => ({ user, where, message }));
}

/** The messages that an event shows. */
export function messagesIn(told: Told): readonly Shown[] {
  if (told.kind === 'sent') return told.message === null ? [] : [told.message];
  return told.kind === 'deleted' ? [] : told.messages;
}

function draftsOf(operation: Operation): Origin[] {
  const { write } = operation;
  const drafts = write.kind === 'send' ? [write] : write.kind === 'insert' ? write.drafts : [];
  return drafts.map(({ text, sender, receiver }) => ({ text, sender, receiver, operation }));
}

function originsOf(
  operations: readonly Operation[],
  sightings: readonly Sighting[],
  wanted: ReadonlyMap<string, Origin>,
): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const operation of operations)
    for (const id of operation.ids) for (const origin of draftsOf(operation)) origins.set(id, origin);
  for (const { message } of sightings) {
    const origin = wanted.get(message.text);
    if (origin !== undefined && !origins.has(message.id)) origins.set(message.id, origin);
  }
  return origins;
}

/** What another program wanted to change, as it found it. */
function messagesChanged(write: Operation['write']): readonly Shown[] {
  if (write.kind === 'edit') return [write.message];
  return write.kind === 'read' || write.kind === 'unread' || write.kind === 'delete' ? write.messages : [];
}

function changesOf(operations: readonly Operation[]): Map<string, Operation[]> {
  const changes = operations.flatMap((operation) =>
    messagesChanged(operation.write).map(({ id }) => ({ id, operation })),
  );
  return new Map(
    [...groupBy(changes, ({ id }) => id)].map(([id, of]) => [id, of.map(({ operation }) => operation)]),
  );
}

/** The writes of these kinds to one message that may have happened. */
export function possible({ changes }: Evidence, id: string, ...kinds: readonly string[]): Operation[] {
  return (changes.get(id) ?? []).filter(
    ({ write, mayBeWritten }) => mayBeWritten && kinds.includes(write.kind),
  );
}

/** All marks that may have made this message read. */
export function possibleMarks({ operations }: Evidence, { sender, receiver }: Draft): Operation[] {
  return operations.filter(
    ({ write, mayBeWritten }) =>
      mayBeWritten && write.kind === 'mark' && write.viewer === receiver && write.peer === sender,
  );
}
