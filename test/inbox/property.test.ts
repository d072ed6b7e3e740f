import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TestClient } from '../support/client.ts';
import { briefly, load, Mailbox, tableContent } from '../support/mailbox.ts';
import { MARK_READ, SEND } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow, type InboxEvent, type Recording, type Transport } from '../support/subscriber.ts';

const USERS = 3;
const RUNS = 20;

let nodes: TestServer[];
beforeAll(async () => {
  const environment = { EVENT_BUS: 'postgres' };
  const first = await startTestServer({ environment });
  nodes = [await startTestServer({ database: first, environment }), first];
});
afterAll(async () => {
  for (const node of nodes) await node[Symbol.asyncDispose]();
});

const sql = (text: string, ...values: unknown[]) => (nodes[0] as TestServer).pool.query(text, values);
const on = (node: number, { name }: Person) => new TestClient((nodes[node] as TestServer).url, name);

/** A client of one user, which keeps what it was given across its connections. */
class Device {
  readonly #earlier: InboxEvent[] = [];
  #recording: Recording;
  #node = 0;

  private constructor(
    readonly user: Person,
    readonly start: string,
    readonly over: Transport,
    recording: Recording,
  ) {
    this.#recording = recording;
  }

  static async open(user: Person, over: Transport): Promise<Device> {
    const start = await cursorOf(on(0, user));
    return new Device(user, start, over, await follow(on(0, user), { over, after: start }));
  }

  get events(): InboxEvent[] {
    return [...this.#earlier, ...this.#recording.events];
  }

  get errors() {
    return this.#recording.errors;
  }

  get cursor(): string {
    return this.events.at(-1)?.cursor ?? this.start;
  }

  /** Loses its connection and goes on, on the other node, from the last cursor that it saw. */
  async move(): Promise<void> {
    const old = this.#recording;
    old.drop();
    await old.end();
    expect(old.errors).toEqual([]);
    this.#earlier.push(...old.events);
    this.#node = 1 - this.#node;
    this.#recording = await follow(on(this.#node, this.user), { over: this.over, after: this.cursor });
  }

  async reach(end: string): Promise<void> {
    if (this.cursor !== end) await this.#recording.until(() => this.cursor === end, 10_000);
  }

  close = () => this.#recording[Symbol.asyncDispose]();
}

interface World {
  readonly people: readonly Person[];
  readonly devices: readonly Device[];
}

class Action {
  constructor(
    readonly name: string,
    readonly run: (world: World) => Promise<unknown>,
  ) {}

  [fc.toStringMethod]() {
    return this.name;
  }
}

const user = fc.nat({ max: USERS - 1 });
const part = fc.nat({ max: 3 });
const rowsOf = ({ people }: World) => people.map(({ row }) => row);

/** An action by SQL on about a quarter of the messages of this world. */
function onSome(name: string, statement: string): fc.Arbitrary<Action> {
  const ofWorld = 'sender_id = ANY ($1::int[]) AND receiver_id = ANY ($1::int[]) AND id % 4 = $2::int';
  return part.map(
    (rest) =>
      new Action(`${name} ${rest}`, (world) => sql(statement.replace('SOME', ofWorld), rowsOf(world), rest)),
  );
}

/** Two users, which are not the same one, and the node that is asked. */
const pair = fc.tuple(user, fc.integer({ min: 1, max: USERS - 1 }), fc.nat({ max: 1 }));
const otherThan = ({ people }: World, first: number, step: number) => people[(first + step) % USERS]?.id;

const sending = fc.tuple(pair, fc.constantFrom('short', 'x'.repeat(9_000))).map(
  ([[from, step, node], messageText]) =>
    new Action(`send ${from}+${step} ${messageText.length}`, (world) => {
      const input = { receiverId: otherThan(world, from, step), messageText };
      return on(node, world.people[from] as Person).data(SEND, { input });
    }),
);

const reading = pair.map(
  ([viewer, step, node]) =>
    new Action(`read ${viewer}+${step}`, (world) => {
      const input = { with: otherThan(world, viewer, step) };
      return on(node, world.people[viewer] as Person).data(MARK_READ, { input });
    }),
);

const inserting = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()).map(
  ([count, isRead]) =>
    new Action(`insert ${count}`, (world) =>
      sql(
        `INSERT INTO messages (sender_id, receiver_id, message_text, is_read)
         SELECT ($1::int[])[1 + i % ${USERS}], ($1::int[])[1 + i * i % ${USERS}], 'row ' || i, $3
         FROM generate_series(1, $2::int) i`,
        rowsOf(world),
        count,
        isRead,
      ),
    ),
);

const reconnecting = fc
  .nat({ max: 2 * USERS - 1 })
  .map((i) => new Action(`reconnect ${i}`, ({ devices }) => (devices[i] as Device).move()));

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: sending },
  { weight: 3, arbitrary: reading },
  { weight: 2, arbitrary: inserting },
  { weight: 3, arbitrary: reconnecting },
  {
    weight: 2,
    arbitrary: onSome('edit', `UPDATE messages SET message_text = left(message_text, 20) || '.' WHERE SOME`),
  },
  { weight: 2, arbitrary: onSome('turn', 'UPDATE messages SET is_read = NOT is_read WHERE SOME') },
  {
    weight: 1,
    arbitrary: onSome('age', `UPDATE messages SET created_at = created_at - interval '1 h' WHERE SOME`),
  },
  {
    weight: 1,
    arbitrary: onSome('give', 'UPDATE messages SET receiver_id = ($1::int[])[1 + id % 3] WHERE SOME'),
  },
  { weight: 1, arbitrary: onSome('delete', 'DELETE FROM messages WHERE SOME') },
);

/** What happens at the same time; a device loses its connection once at a time. */
const step = fc.uniqueArray(action, { minLength: 1, maxLength: 4, selector: ({ name }) => name });
const story = fc.array(step, { minLength: 3, maxLength: 15 });

test('whatever happens, and wherever devices reconnect, each one has in the end exactly what the tables have', async () => {
  let reconnections = 0;
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const people = await createPeople(nodes[0] as TestServer, ...Array(USERS).fill('user'));
      const devices = await Promise.all(
        people.flatMap((person) => [
          Device.open(person, 'sockets'),
          Device.open(person, 'Server-Sent Events'),
        ]),
      );
      try {
        for (const actions of steps) {
          await Promise.all(actions.map(({ run }) => run({ people, devices })));
          reconnections += actions.filter(({ name }) => name.startsWith('reconnect')).length;
        }
        for (const device of devices) await check(device);
      } finally {
        for (const device of devices) await device.close();
      }
    }),
    { numRuns: RUNS, seed: 20_261_122, endOnFailure: true },
  );
  // The case means something.
  expect(reconnections).toBeGreaterThan(RUNS);
}, 60_000);

async function check(device: Device): Promise<void> {
  const client = on(1, device.user);
  await device.reach(await cursorOf(client));
  expect(device.errors).toEqual([]);

  const sequences = [device.start, ...device.events.map(({ cursor }) => cursor)].map(sequenceOf);
  expect(sequences).toEqual(sequences.map((_, i) => (sequences[0] as number) + i));

  const held = new Mailbox().applyAll(device.events);
  const loaded = await load(client);
  expect(briefly(held)).toEqual(await tableContent((nodes[0] as TestServer).pool, device.user.row));
  expect(held.unreadBy(device.user.id)).toBe(loaded.unreadCount);
  expect(loaded.unreadInConversations).toBe(loaded.unreadCount);
}

function sequenceOf(cursor: string): number {
  return Number(Buffer.from(cursor, 'base64url').toString().split('|')[3]);
}
