import type pg from 'pg';

/** A pool or a client: what the checks read with. */
export type Database = Pick<pg.Pool, 'query'>;

export interface LoggedEvent {
  readonly userId: number;
  readonly seq: number;
  readonly kind: 'deleted' | 'sent' | 'changed' | 'read';
  readonly readerId: number | null;
  /** `id@created_at` each: a message is the same one as long as both are. */
  readonly messages: readonly string[];
  readonly createdAt: string;
}

interface MessageState {
  readonly senderId: number;
  readonly receiverId: number;
  readonly text: string;
  readonly isRead: boolean;
}

/** Everything that the triggers read and write, at one moment. */
export interface InboxSnapshot {
  readonly messages: ReadonlyMap<string, MessageState>;
  readonly heads: ReadonlyMap<number, number>;
  readonly events: readonly LoggedEvent[];
  /** Since when each user exists: another one may have been given the id of one who is gone. */
  readonly born: ReadonlyMap<number, string>;
}

export const NOTHING: InboxSnapshot = { messages: new Map(), heads: new Map(), events: [], born: new Map() };

/** After one statement the log says exactly what differs; after many it may also say what was undone since. */
export type Extent = 'one statement' | 'many statements';

const CHUNK = 100;

export async function takeSnapshot(database: Database): Promise<InboxSnapshot> {
  const { rows } = await database.query<{ snapshot: SnapshotJson }>(`
    SELECT json_build_object(
      'messages', (SELECT coalesce(json_agg(json_build_array(
        id || '@' || created_at, sender_id, receiver_id, coalesce(full_text, message_text), is_read)), '[]') FROM messages),
      'heads', (SELECT coalesce(json_agg(json_build_array(user_id, seq)), '[]')
        FROM inbox_heads WHERE user_id IN (SELECT id FROM users)),
      'born', (SELECT coalesce(json_agg(json_build_array(id, created_at)), '[]') FROM users),
      'events', (SELECT coalesce(json_agg(json_build_object(
        'userId', user_id, 'seq', seq, 'kind', kind, 'readerId', reader_id, 'createdAt', created_at,
        'messages', (SELECT json_agg(id || '@' || at ORDER BY position)
          FROM unnest(message_ids, message_created_ats) WITH ORDINALITY m (id, at, position))
        ) ORDER BY user_id, seq), '[]') FROM inbox_events)) AS snapshot`);
  const { messages, heads, events, born } = (rows[0] as { snapshot: SnapshotJson }).snapshot;
  return {
    messages: new Map(
      messages.map(([key, senderId, receiverId, text, isRead]) => [
        key,
        { senderId, receiverId, text, isRead },
      ]),
    ),
    heads: new Map(heads),
    events,
    born: new Map(born),
  };
}

interface SnapshotJson {
  messages: [string, number, number, string, boolean][];
  heads: [number, number][];
  born: [number, string][];
  events: LoggedEvent[];
}

/** Where the conversation list is not what `messages` says: who, with whom, what should be, what is. */
export async function listProblems(database: Database): Promise<object[]> {
  const { rows } = await database.query(`
    WITH side AS (
      SELECT receiver_id AS user_id, sender_id AS peer_id, created_at, id, NOT is_read AS unread FROM messages
      UNION ALL
      SELECT sender_id, receiver_id, created_at, id, false FROM messages WHERE sender_id <> receiver_id
    ), expected AS (
      SELECT DISTINCT ON (user_id, peer_id) user_id, peer_id, created_at AS last_created_at, id AS last_id,
        count(*) FILTER (WHERE unread) OVER (PARTITION BY user_id, peer_id) AS unread_count
      FROM side ORDER BY user_id, peer_id, created_at DESC, id DESC
    )
    SELECT user_id, peer_id, to_json(e) AS expected, to_json(c) AS found
    FROM expected e FULL JOIN conversations c USING (user_id, peer_id)
    WHERE (e.last_created_at, e.last_id, e.unread_count)
      IS DISTINCT FROM (c.last_created_at, c.last_id, c.unread_count)`);
  return rows;
}

/** What the logs since `before` do not explain, or explain wrongly, of the state in `after`. */
export function logProblems(before: InboxSnapshot, after: InboxSnapshot, extent: Extent): string[] {
  const [was, is] = [mailboxes(before), mailboxes(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((user) =>
    mailboxProblems(
      before.born.get(user) === after.born.get(user) ? (was.get(user) ?? EMPTY) : beginning(is.get(user)),
      is.get(user) ?? EMPTY,
      extent,
    ).map((problem) => `user ${user}: ${problem}`),
  );
}

/** All that is wrong with the messages, logs and lists of a database whose logs are kept from their beginning. */
export async function problemsIn(database: Database): Promise<unknown[]> {
  const logs = logProblems(NOTHING, await takeSnapshot(database), 'many statements');
  return [...logs, ...(await listProblems(database))];
}

/** What one user has. */
interface Mailbox {
  readonly head: number | undefined;
  readonly messages: Map<string, MessageState>;
  readonly events: LoggedEvent[];
}

const EMPTY: Mailbox = { head: undefined, messages: new Map(), events: [] };

/** Where the log of somebody new begins: at 1, or beyond the log of whoever had the id before. */
function beginning({ head, events }: Mailbox = EMPTY): Mailbox {
  return { ...EMPTY, head: events[0] === undefined ? head : events[0].seq - 1 };
}

function mailboxes({ heads, messages, events }: InboxSnapshot): Map<number, Mailbox> {
  const all = new Map<number, Mailbox>();
  const of = (user: number) => {
    const mailbox: Mailbox = all.get(user) ?? { head: heads.get(user), messages: new Map(), events: [] };
    all.set(user, mailbox);
    return mailbox;
  };
  for (const user of heads.keys()) of(user);
  for (const event of events) of(event.userId).events.push(event);
  for (const [key, message] of messages) {
    of(message.senderId).messages.set(key, message);
    of(message.receiverId).messages.set(key, message);
  }
  return all;
}

function mailboxProblems(before: Mailbox, after: Mailbox, extent: Extent): string[] {
  if (after.head === undefined)
    return after.messages.size + after.events.length === 0 ? [] : ['has messages or events, but no head'];
  const known = before.head ?? 0;
  const events = after.events.filter(({ seq }) => seq > known);
  const replayed = replay(before.messages, events);
  return [
    ...sequenceProblems(events, known, after.head),
    ...events.flatMap(shapeProblems),
    ...replayed.problems,
    ...differences('messages', replayed.keys, new Set(after.messages.keys())),
    ...namingProblems(before, after, replayed, extent),
  ];
}

function sequenceProblems(events: readonly LoggedEvent[], known: number, head: number): string[] {
  const found = events.map(({ seq }) => seq).join();
  const expected = Array.from({ length: head - known }, (_, i) => known + 1 + i).join();
  const times = events.map(({ createdAt }) => createdAt);
  return [
    ...(found === expected ? [] : [`from ${known} to head ${head} the log has ${found}`]),
    ...(times.every((time, i) => i === 0 || time >= (times[i - 1] as string)) ? [] : ['time goes backwards']),
  ];
}

function shapeProblems({ seq, kind, readerId, messages }: LoggedEvent): string[] {
  const most = kind === 'sent' ? 1 : CHUNK;
  return [
    ...(messages.length >= 1 && messages.length <= most
      ? []
      : [`event ${seq} has ${messages.length} messages`]),
    ...((kind === 'read') === (readerId !== null) ? [] : [`event ${seq} is ${kind} with reader ${readerId}`]),
  ];
}

interface Replayed {
  readonly keys: Set<string>;
  readonly problems: string[];
  /** Sent or deleted on the way: what they were before says nothing about them now. */
  readonly replaced: Set<string>;
  readonly changed: Set<string>;
  /** With the reader: `7 read id@created_at`. */
  readonly read: Set<string>;
}

/** What a subscriber would have who knew `start` and was then given `events`. */
function replay(start: ReadonlyMap<string, unknown>, events: readonly LoggedEvent[]): Replayed {
  const keys = new Set(start.keys());
  const problems: string[] = [];
  const [replaced, changed, read] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { seq, kind, readerId, messages } of events) {
    for (const key of messages) {
      if (keys.has(key) === (kind === 'sent')) problems.push(`event ${seq}: ${kind} ${key}`);
      if (kind === 'sent') keys.add(key);
      if (kind === 'deleted') keys.delete(key);
      if (kind === 'sent' || kind === 'deleted') replaced.add(key);
      if (kind === 'changed') changed.add(key);
      if (kind === 'read') read.add(`${readerId} read ${key}`);
    }
  }
  return { keys, problems, replaced, changed, read };
}

/** Each message that differs must be named by an event of the right kind; after one statement, no other may be. */
function namingProblems(before: Mailbox, after: Mailbox, replayed: Replayed, extent: Extent): string[] {
  const [changed, read] = [new Set<string>(), new Set<string>()];
  for (const [key, is] of after.messages) {
    const was = before.messages.get(key);
    if (was === undefined || replayed.replaced.has(key)) continue;
    if (!was.isRead && is.isRead) read.add(`${is.receiverId} read ${key}`);
    if (
      was.text !== is.text ||
      (was.isRead && !is.isRead) ||
      was.senderId !== is.senderId ||
      was.receiverId !== is.receiverId
    )
      changed.add(key);
  }
  if (extent === 'one statement')
    return [
      ...differences('changed', replayed.changed, changed),
      ...differences('read', replayed.read, read),
    ];
  return [...missing('changed', replayed.changed, changed), ...missing('read', replayed.read, read)];
}

function differences(what: string, told: ReadonlySet<string>, real: ReadonlySet<string>): string[] {
  return [
    ...missing(what, told, real),
    ...[...told]
      .filter((key) => !real.has(key))
      .map((key) => `the log tells ${what} ${key}, the table does not`),
  ];
}

const missing = (what: string, told: ReadonlySet<string>, real: ReadonlySet<string>) =>
  [...real].filter((key) => !told.has(key)).map((key) => `the table tells ${what} ${key}, the log does not`);

/** Runs `act`, proves that log and list tell exactly what it did, and gives the events that it brought. */
export async function witness(
  database: Database,
  act: () => Promise<unknown>,
  extent: Extent = 'one statement',
): Promise<LoggedEvent[]> {
  const before = await takeSnapshot(database);
  await act();
  const after = await takeSnapshot(database);
  const problems = [...logProblems(before, after, extent), ...(await listProblems(database))];
  if (problems.length > 0) throw new Error(problems.map((p) => JSON.stringify(p)).join('\n'));
  return after.events.filter(({ userId, seq }) => seq > (before.heads.get(userId) ?? 0));
}
