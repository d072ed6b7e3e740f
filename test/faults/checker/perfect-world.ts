import type { Draft, HistoryEvent, Inbox, Occurrence, Shown, Told, Write } from '../history/event.ts';

/** What the log of one user has: the messages as they are when somebody is told. */
export type Entry =
  | { readonly kind: 'sent'; readonly id: string }
  | { readonly kind: 'read'; readonly reader: string; readonly ids: readonly string[] }
  | { readonly kind: 'changed' | 'deleted'; readonly ids: readonly string[] };

const EPOCH = 'e1';

/** A server that does everything right, in memory, and its clients, who write down what they do and see. */
export class PerfectWorld {
  readonly events: HistoryEvent[] = [];
  readonly #messages = new Map<string, Shown>();
  readonly #logs = new Map<string, Entry[]>();
  readonly #devices = new Map<string, { user: string; position: number }>();
  #count = 0;

  constructor(readonly users: readonly string[]) {
    for (const user of users) this.#logs.set(user, []);
  }

  get devices(): string[] {
    return [...this.#devices.keys()];
  }

  get messages(): Shown[] {
    return [...this.#messages.values()];
  }

  note(occurrence: Occurrence): void {
    this.events.push({ at: this.events.length, ...occurrence });
  }

  /** Sends with a key. After `unanswered` attempts that were written or not, one is answered, if it is `answered`. */
  send(sender: string, receiver: string, unanswered: readonly boolean[] = [], answered = true): Shown | null {
    const op = this.#name('send');
    const write: Write = { kind: 'send', key: op, text: op, sender, receiver };
    let message: Shown | null = null;
    unanswered.forEach((written, attempt) => {
      this.note({ type: 'begin', op, attempt, write });
      if (written) message ??= this.#insert(write);
      this.note({ type: 'end', op, attempt, outcome: 'unknown', why: 'timeout' });
    });
    if (!answered) return message;
    this.note({ type: 'begin', op, attempt: unanswered.length, write });
    message ??= this.#insert(write);
    this.note({ type: 'end', op, attempt: unanswered.length, outcome: 'done', id: message.id });
    return message;
  }

  insert(sender: string, receiver: string, count: number): void {
    const drafts = Array.from({ length: count }, () => ({ text: this.#name('row'), sender, receiver }));
    this.#write({ kind: 'insert', drafts }, () => drafts.map((draft) => this.#insert(draft)));
  }

  mark(viewer: string, peer: string): void {
    this.#write({ kind: 'mark', viewer, peer, upTo: null }, () =>
      this.#turn(
        this.messages.filter(({ sender, receiver }) => sender === peer && receiver === viewer),
        true,
      ),
    );
  }

  turn(message: Shown, isRead: boolean): void {
    this.#write({ kind: isRead ? 'read' : 'unread', messages: [message] }, () =>
      this.#turn([message], isRead),
    );
  }

  edit(message: Shown): void {
    const text = this.#name('edit');
    this.#write({ kind: 'edit', message, text }, () => {
      this.#messages.set(message.id, { ...message, text });
      this.#log(message, { kind: 'changed', ids: [message.id] });
    });
  }

  remove(message: Shown): void {
    this.#write({ kind: 'delete', messages: [message] }, () => {
      this.#messages.delete(message.id);
      this.#log(message, { kind: 'deleted', ids: [message.id] });
    });
  }

  open(device: string, user: string): void {
    this.#devices.set(device, { user, position: this.#endOf(user) });
    this.note({ type: 'snapshot', device, final: false, ...this.#inbox(user) });
  }

  resume(device: string): void {
    const { user, position } = this.#devices.get(device) as { user: string; position: number };
    this.note({ type: 'resume', device, node: 0, after: cursorAt(user, position), why: 'cut' });
  }

  look(user: string): void {
    this.note({ type: 'snapshot', device: null, final: false, ...this.#inbox(user) });
  }

  /** Says that it is written, and does not write it. */
  claim(write: Write, id?: string): void {
    const op = this.#name('claim');
    this.note({ type: 'begin', op, attempt: 0, write });
    this.note({ type: 'end', op, attempt: 0, outcome: 'done', ...(id === undefined ? {} : { id }) });
  }

  /** Tells a device up to so many events. */
  deliver(device: string, count = Number.POSITIVE_INFINITY): void {
    const place = this.#devices.get(device) as { user: string; position: number };
    for (let i = 0; i < count && place.position < this.#endOf(place.user); i++) {
      const entry = this.#logs.get(place.user)?.[place.position++] as Entry;
      const cursor = cursorAt(place.user, place.position);
      this.note({ type: 'delivered', device, cursor, told: this.#tell(entry) });
    }
  }

  finish(): HistoryEvent[] {
    for (const device of this.devices) this.deliver(device);
    for (const user of this.users)
      this.note({ type: 'snapshot', device: null, final: true, ...this.#inbox(user) });
    this.note({ type: 'table', messages: this.messages });
    return this.events;
  }

  #name(kind: string): string {
    return `${kind} ${++this.#count}`;
  }

  #write(write: Write, act: () => void): void {
    const op = this.#name(write.kind);
    this.note({ type: 'begin', op, attempt: 0, write });
    act();
    this.note({ type: 'end', op, attempt: 0, outcome: 'done' });
  }

  #insert({ text, sender, receiver }: Draft): Shown {
    const message = { id: `m${++this.#count}`, text, isRead: false, sender, receiver };
    this.#messages.set(message.id, message);
    this.#log(message, { kind: 'sent', id: message.id });
    return message;
  }

  #turn(messages: readonly Shown[], isRead: boolean): void {
    for (const { id } of messages) {
      const message = this.#messages.get(id);
      if (message === undefined || message.isRead === isRead) continue;
      this.#messages.set(id, { ...message, isRead });
      const ids = [id];
      this.#log(message, isRead ? { kind: 'read', reader: message.receiver, ids } : { kind: 'changed', ids });
    }
  }

  #log({ sender, receiver }: Shown, entry: Entry): void {
    for (const user of [sender, receiver]) this.append(user, entry);
  }

  /** To be overridden by worlds that get this wrong. */
  protected append(user: string, ...entries: readonly Entry[]): void {
    this.#logs.get(user)?.push(...entries);
  }

  #tell(entry: Entry): Told {
    if (entry.kind === 'deleted') return { kind: 'deleted', ids: entry.ids };
    if (entry.kind === 'sent') return { kind: 'sent', message: this.#messages.get(entry.id) ?? null };
    const messages = entry.ids.flatMap((id) => this.#messages.get(id) ?? []);
    return entry.kind === 'read'
      ? { kind: 'read', reader: entry.reader, messages }
      : { kind: 'changed', messages };
  }

  #endOf(user: string): number {
    return this.#logs.get(user)?.length ?? 0;
  }

  #inbox(user: string): Inbox {
    const messages = this.messages.filter(({ sender, receiver }) => sender === user || receiver === user);
    const unread = messages.filter(({ receiver, isRead }) => receiver === user && !isRead);
    const peers = new Set(messages.map(({ sender, receiver }) => (sender === user ? receiver : sender)));
    return {
      user,
      cursor: cursorAt(user, this.#endOf(user)),
      unreadCount: unread.length,
      conversations: [...peers].map((peer) => ({
        peer,
        unreadCount: unread.filter(({ sender }) => sender === peer).length,
      })),
      messages,
    };
  }
}

/** A cursor as this server writes them. */
export function cursorAt(user: string, seq: number): string {
  return Buffer.from(`inbox|${user}|${EPOCH}|${seq}|checksum`).toString('base64url');
}
