import { randomBytes, randomUUID } from 'node:crypto';
import { TestClient } from '../support/client.ts';
import { markRead, type SentMessage, send } from '../support/messages.ts';
import type { Person } from '../support/people.ts';
import { startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { cursorOf } from '../support/subscriber.ts';
import { Secrets } from './secrets.ts';

/** What a question can be about: one side of what two people have written to each other. */
export interface Subject {
  readonly owner: Person;
  readonly peer: Person;
  /** By type. */
  readonly ids: Readonly<Record<string, string>>;
  /** What the owner sent to the peer, under which idempotency key. */
  readonly sent: SentMessage & { readonly key: string };
  /** Where the owner's inbox stood before all of it. */
  readonly start: string;
}

/** Someone who asks. */
export interface Viewer {
  readonly authorization: string | null;
  /** `users.id`; `null` for whom nothing is kept. */
  readonly row: number | null;
  readonly admin: boolean;
  /** `deleted`: with a token that is good, but without a row. */
  readonly state: 'user' | 'deleted' | 'nobody';
  /** What is their own; for nobody it is alice's. */
  readonly own: Subject;
}

/** Longer than an index entry can hold, so that it is kept in another way. */
const LONG_TEXT_BYTES = 4_000;

/** People who have written to each other, on one node, and another node, which knows none of them yet, to be asked. */
export class World implements AsyncDisposable {
  readonly secrets = new Secrets();

  private constructor(
    readonly server: TestServer,
    /** To be asked. */
    readonly url: string,
    private readonly other: TestServer | null,
  ) {}

  /** On a server of the caller's own, which answers everything. */
  static async onOneNode(server: TestServer): Promise<World> {
    // So that all ids have equally many digits.
    await server.pool.query("SELECT setval('users_id_seq', 40000), setval('messages_id_seq', 70000)");
    return new World(server, server.url, null);
  }

  static async onTwoNodes(): Promise<World> {
    const { server } = await World.onOneNode(await startTestServer());
    const other = await startTestServer({ database: server });
    return new World(server, other.url, other);
  }

  /** Someone new, whose sub is known to nobody. */
  async createPerson(name: string): Promise<Person> {
    const [username, sub] = [`${name}-${randomUUID().slice(0, 8)}`, `sub-${randomUUID()}`];
    const { rows } = await this.server.pool.query(
      'INSERT INTO users (external_id, username) VALUES ($1, $2) RETURNING id',
      [sub, username],
    );
    const client = new TestClient(this.server.url, sub);
    const { id } = (await client.data('{ viewer { id } }')).viewer;
    const row: number = rows[0].id;
    this.secrets.keep(sub, []);
    // How the ids and cursors begin that are for them alone.
    for (const beginning of [
      `Conversation:${row}/`,
      `inbox|${row}|`,
      `conversations|${row}|`,
      `messages|${row}|`,
    ])
      this.secrets.keep(beginning, [row]);
    return { name: username, client, row, id };
  }

  async #send(from: Person, to: Person, beginning: string, key?: string): Promise<SentMessage> {
    const sent = await send(from, to, `${beginning} secret-${randomUUID()}`, key);
    this.#keep(sent, [from, to]);
    return sent;
  }

  #keep({ id, messageText, createdAt }: SentMessage, people: readonly Person[]): void {
    const rows = people.map(({ row }) => row);
    for (const secret of [id, messageText.slice(-40), createdAt]) this.secrets.keep(secret, rows);
  }

  /** Everything that can happen between two people: sent, read, changed and deleted, in both directions. */
  async correspond(one: Person, other: Person): Promise<[Subject, Subject]> {
    const sides = [
      [one, other],
      [other, one],
    ] as const;
    const starts = [await cursorOf(one.client), await cursorOf(other.client)];
    const keys = sides.map(() => `key-${randomUUID()}`);
    const sent: SentMessage[] = [];
    for (const [i, [from, to]] of sides.entries()) {
      const [key = '', lost] = [keys[i], await this.#send(from, to, 'to be deleted')];
      this.secrets.keep(key, []);
      sent.push(await this.#send(from, to, 'hello', key));
      await this.#send(from, to, randomBytes(LONG_TEXT_BYTES).toString('base64'));
      await markRead(to, from);
      await this.#change(from, to);
      await this.server.pool.query('DELETE FROM messages WHERE message_text = $1', [lost.messageText]);
    }
    for (const [from, to] of sides) await this.#send(from, to, 'unread');
    const subjects = sides.map(async ([owner, peer], i): Promise<Subject> => {
      const { conversation } = await owner.client.data(
        'query ($with: ID!) { conversation(with: $with) { id } }',
        { with: peer.id },
      );
      return {
        owner,
        peer,
        ids: { User: owner.id, Message: sent[i]?.id ?? '', Conversation: conversation.id },
        sent: { ...(sent[i] as SentMessage), key: keys[i] ?? '' },
        start: starts[i] ?? '',
      };
    });
    return Promise.all(subjects) as Promise<[Subject, Subject]>;
  }

  /** As another program would. */
  async #change(from: Person, to: Person): Promise<void> {
    const text = `changed secret-${randomUUID()}`;
    this.secrets.keep(text.slice(-40), [from.row, to.row]);
    const { messageText: before } = await this.#send(from, to, 'to be changed');
    await this.server.pool.query('UPDATE messages SET message_text = $2 WHERE message_text = $1', [
      before,
      text,
    ]);
  }

  /** Of the inbox of this user (`users.id`); 0 for nobody. */
  async countEvents(row: number | null): Promise<number> {
    const { rows } = await this.server.pool.query(
      'SELECT count(*)::int FROM inbox_events WHERE user_id = $1',
      [row],
    );
    return rows[0].count;
  }

  /** Their row, and with it all that they have sent and received. */
  async deleteUser({ row }: Person): Promise<void> {
    await this.server.pool.query('DELETE FROM users WHERE id = $1', [row]);
  }

  async viewer(own: Subject, more: Partial<Viewer> = {}): Promise<Viewer> {
    const { row, client } = own.owner;
    const token = await tokenOf(client.user ?? '', { admin: more.admin ?? false });
    return { authorization: `Bearer ${token}`, row, admin: false, state: 'user', own, ...more };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.other?.[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
