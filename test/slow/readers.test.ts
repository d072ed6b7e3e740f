import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Contestant } from '../../bench/sockets/contestant.ts';
import { median } from '../../bench/support/statistics.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { createPeople, type Person } from '../support/people.ts';
import { cursorOf, follow, type InboxEvent, type Transport } from '../support/subscriber.ts';
import { type StoppingReader, startReader } from './stopping-reader.ts';

const TEXT_LENGTH = 10_000;
/** More than twice what the network holds for one connection: a send buffer of Linux grows to 4 MB. */
const MESSAGES = 1_000;
const NETWORK_HOLDS = 700;
/** Of the server's own memory, for one reader: the page that it read from the log, and an event on its way. */
const MAX_HELD_BYTES = 1_048_576;
const READERS = 3;
const SETTLED_MS = 500;
/** A hint takes some milliseconds; without one it would be the sweep, once a second. */
const SOON_MS = 500;
const PATIENCE = { withinMs: 40_000 };
/** By its pings alone a socket would be cut 12 to 24 s after it has stopped to read; by its bytes it is within one. */
const BEFORE_PINGS_MS = 10_000;
const TIMEOUT_MS = 90_000;

let database: TestDatabase;
let server: Contestant;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await Contestant.start('parley', database.url);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const subscriptions = (count: number) =>
  eventually(async () => (await server.subscriptions()) === count, PATIENCE);

const people = () => createPeople({ url: server.url, pool: database.pool }, 'writer', 'slow', 'quick');

/** `count` messages in one statement, whose texts begin with their numbers from `first` on. */
async function write(from: Person, to: Person, count: number, first = 1): Promise<void> {
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT $1, $2, rpad(i || ' ', $5::int, 'x') FROM generate_series($4::int, $4::int + $3::int - 1) AS i`,
    [from.row, to.row, count, first, TEXT_LENGTH],
  );
}

const numbers = (events: readonly InboxEvent[]) =>
  events.map((event) =>
    event.__typename === 'MessageSent' ? Number.parseInt(event.message?.messageText ?? '', 10) : event,
  );

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

/** Readers of `reader`'s inbox that have stopped reading. */
async function standStill(reader: Person, over: Transport, count: number): Promise<StoppingReader[]> {
  const cursor = await cursorOf(reader.client);
  const readers = await Promise.all(
    Array.from({ length: count }, () => startReader(reader.client, over, cursor)),
  );
  await subscriptions(count);
  for (const each of readers) each.pause();
  return readers;
}

/** Waits until the server gives out no more events. @returns how many it has, since there were `before`. */
async function settled(before: number): Promise<number> {
  let [given, since] = [before, performance.now()];
  await eventually(async () => {
    const now = await metric(server.url, 'parley_inbox_events_total');
    if (now !== given) [given, since] = [now, performance.now()];
    return given > before && performance.now() - since > SETTLED_MS;
  }, PATIENCE);
  return given - before;
}

/** Reads until the event `last`, and as long as that takes over new connections from the last cursor. */
async function readOn(
  reader: StoppingReader,
  person: Person,
  over: Transport,
  last: number,
): Promise<InboxEvent[]> {
  reader.resume();
  const isDone = () => numbers(reader.events).at(-1) === last;
  await eventually(() => isDone() || reader.ended, PATIENCE);
  if (isDone()) {
    reader.drop();
    return reader.events;
  }
  const next = await startReader(person.client, over, reader.cursor as string);
  return [...reader.events, ...(await readOn(next, person, over, last))];
}

describe.each(['sockets', 'Server-Sent Events'] as const)('over %s', (over) => {
  test(
    'readers that stand still are given what the network holds and no more, and take little memory',
    async () => {
      const [writer, slow] = await people();
      const readers = await standStill(slow, over, READERS);
      const [memory, events] = [await server.memory(), await metric(server.url, 'parley_inbox_events_total')];
      await write(writer, slow, MESSAGES);
      const given = await settled(events);
      const { heapUsed, external } = await server.memory();
      expect(given / READERS).toBeLessThan(NETWORK_HOLDS);
      expect((heapUsed + external - memory.heapUsed - memory.external) / READERS).toBeLessThan(
        MAX_HELD_BYTES,
      );
      for (const reader of readers) reader.drop();
      await subscriptions(0);
    },
    TIMEOUT_MS,
  );

  test(
    'while a reader stands still everyone else gets all of their events, and soon',
    async () => {
      const [writer, slow, quick] = await people();
      const [reader] = await standStill(slow, over, 1);
      await write(writer, slow, MESSAGES);
      await using others = await follow(quick.client, { over });
      await subscriptions(2);
      const delays: number[] = [];
      for (const number of upTo(50)) {
        const startedAt = performance.now();
        await send(writer, quick, `${number}`);
        await others.reaches(number);
        delays.push(performance.now() - startedAt);
      }
      expect(numbers(others.events)).toEqual(upTo(50));
      expect(median(delays)).toBeLessThan(SOON_MS);
      reader?.drop();
    },
    TIMEOUT_MS,
  );

  test(
    'a reader that reads again gets everything once, in order',
    async () => {
      const [writer, slow] = await people();
      const [reader] = await standStill(slow, over, 1);
      const before = await metric(server.url, 'parley_inbox_events_total');
      await write(writer, slow, MESSAGES);
      await settled(before);
      await write(writer, slow, 1, MESSAGES + 1);
      const events = await readOn(reader as StoppingReader, slow, over, MESSAGES + 1);
      expect(numbers(events)).toEqual(upTo(MESSAGES + 1));
      await subscriptions(0);
    },
    TIMEOUT_MS,
  );

  test(
    'a reader that is cut off while it stands still resumes with its last cursor, and gets everything once, in order',
    async () => {
      const [writer, slow] = await people();
      const [reader] = (await standStill(slow, over, 1)) as [StoppingReader];
      reader.resume();
      await write(writer, slow, 3);
      await eventually(() => reader.events.length === 3);
      reader.pause();
      const before = await metric(server.url, 'parley_inbox_events_total');
      await write(writer, slow, MESSAGES, 4);
      await settled(before);
      reader.drop();
      await subscriptions(0);
      const seen = reader.events;
      const next = await startReader(slow.client, over, reader.cursor as string);
      const events = [...seen, ...(await readOn(next, slow, over, MESSAGES + 3))];
      expect(numbers(events)).toEqual(upTo(MESSAGES + 3));
      await subscriptions(0);
    },
    TIMEOUT_MS,
  );
});

test(
  'a socket with many subscriptions that stands still is cut before it holds many megabytes, and resumes',
  async () => {
    const [writer, slow] = await people();
    await write(writer, slow, 100);
    const after = await cursorOf(slow.client);
    const reader = await startReader(slow.client, 'sockets', after, 20);
    await subscriptions(20);
    expect(await metric(server.url, 'parley_sockets')).toBe(1);
    reader.pause();
    // One event with 100 messages, so a megabyte, for each of them.
    await database.pool.query('UPDATE messages SET is_read = true WHERE receiver_id = $1', [slow.row]);
    await eventually(async () => (await metric(server.url, 'parley_sockets')) === 0, {
      withinMs: BEFORE_PINGS_MS,
    });
    await using next = await follow(slow.client, { after });
    const [event] = await next.reaches(1);
    expect(event).toMatchObject({ __typename: 'MessagesRead', messages: { length: 100 } });
    reader.drop();
  },
  TIMEOUT_MS,
);
