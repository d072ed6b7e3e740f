import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import type { Group } from '../attack.ts';
import { frame, PING, PONG } from '../senders/frames.ts';
import { head, RawConnection } from '../senders/raw.ts';
import { type Said, subscribe, Wire } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const CUT_WITHIN_MS = 15_000;
const SAY_INTERVAL_MS = 10;

export const unread: Group = {
  name: 'unread answers',
  attacks: [
    { name: 'a client that asks and never reads', send: askUnread, expected: 'cut' },
    { name: 'a client that sends ping messages and never reads', send: pingUnread, expected: 'cut' },
    { name: 'a client that sends ping frames and never reads', send: pingFramesUnread, expected: 'cut' },
    { name: 'a follower who does not read while 6 MB arrive', send: followUnread, expected: '150 events' },
    {
      name: 'an event stream that is not read while 60 MB arrive',
      send: streamUnread,
      expected: 'holds less than 16 MB',
    },
    {
      name: '5 answers of 8 MB by HTTP that nobody reads',
      on: 'production',
      send: answersUnread,
      expected: 'all cut',
    },
  ],
};

/** Says something again and again, without ever reading what the server answers: "cut" when that has an end. */
async function flood(target: Target, next: (count: number) => Said): Promise<string> {
  const wire = new Wire(target);
  await wire.opened();
  wire.socket.pause();
  const before = await target.gauge('parley_sockets');
  let count = 0;
  const flooding = setInterval(() => wire.say(next(++count)), SAY_INTERVAL_MS);
  try {
    const cut = async () => (await target.gauge('parley_sockets')) < before;
    return await eventually(cut, { withinMs: CUT_WITHIN_MS }).then(
      () => 'cut',
      () => `not cut after ${count} times`,
    );
  } finally {
    clearInterval(flooding);
    wire.drop();
  }
}

async function askUnread(target: Target): Promise<string> {
  await writeLong(target, 10);
  return flood(target, (count) => subscribe(`${count}`, textsOf(target, 10)));
}

function pingUnread(target: Target): Promise<string> {
  return flood(target, () => ({ type: 'ping', payload: { echo: 'x'.repeat(50_000) } }));
}

/** Frames of WebSocket itself, which no part of GraphQL ever sees; with pongs, so that the client seems to be there. */
function pingFramesUnread(target: Target): Promise<string> {
  const pings = Array.from({ length: 500 }, () => frame(PING, 'x'.repeat(125)));
  const frames = Buffer.concat([...pings, frame(PONG)]);
  return flood(target, () => frames);
}

/** Characters of 4 bytes; PostgreSQL packs them well enough for its index. */
const LONG_TEXT = '\u{1f600}'.repeat(10_000);

/** Another program writes this many messages of 40 kB from bob to mallory. */
async function writeLong({ pool, cast }: Target, count: number): Promise<void> {
  await pool.query(
    'INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, $3 FROM generate_series(1, $4)',
    [cast.bob.row, cast.mallory.row, LONG_TEXT, count],
  );
}

/** The newest of them, twice. */
const textsOf = ({ cast }: Target, count: number) => {
  const texts = `messages(first: ${count}) { edges { node { messageText } } }`;
  return `{ a: conversation(with: "${cast.bob.id}") { ${texts} } b: conversation(with: "${cast.bob.id}") { ${texts} } }`;
};

const TEXTS_AS_THEY_COME = 'subscription { inbox { ... on MessageSent { message { messageText } } } }';

/** Follows without reading; then reads: "150 events" when none is missing. */
async function followUnread(target: Target): Promise<string> {
  const wire = new Wire(target);
  try {
    await wire.opened();
    wire.say(subscribe('1', TEXTS_AS_THEY_COME));
    await eventually(async () => (await target.gauge('parley_subscriptions')) > 0);
    wire.socket.pause();
    const before = await target.gauge('parley_inbox_events_total');
    await writeLong(target, 150);
    await eventually(() => settled(() => target.gauge('parley_inbox_events_total'), before), {
      withinMs: CUT_WITHIN_MS,
    });
    wire.socket.resume();
    await eventually(() => wire.countOf('next') === 150, { withinMs: CUT_WITHIN_MS }).catch(() => {});
    return wire.closed ?? `${wire.countOf('next')} events`;
  } finally {
    wire.drop();
  }
}

/** A POST whose answer is never read. */
function postUnread(target: Target, query: string, accept: string): RawConnection {
  const connection = new RawConnection(target);
  const body = JSON.stringify({ query });
  connection.socket.pause();
  connection.write(
    head(
      target,
      'POST /graphql HTTP/1.1',
      'Content-Type: application/json',
      `Accept: ${accept}`,
      `Authorization: Bearer ${target.cast.mallory.token}`,
      `Content-Length: ${body.length}`,
    ) + body,
  );
  return connection;
}

/** Of 100 events with their texts. Some three times as much was measured to be held, however much comes. */
const PAGE_BYTES = 4_000_000;

async function streamUnread(target: Target): Promise<string> {
  const before = await target.memory();
  const followers = await target.gauge('parley_subscriptions');
  const connection = postUnread(target, TEXTS_AS_THEY_COME, 'text/event-stream');
  try {
    await eventually(async () => (await target.gauge('parley_subscriptions')) > followers);
    const start = await target.gauge('parley_inbox_events_total');
    await writeLong(target, 1_500);
    await eventually(() => settled(() => target.gauge('parley_inbox_events_total'), start), {
      withinMs: CUT_WITHIN_MS,
    });
    const grown = (await target.memory()).held - before.held;
    return `holds ${grown < 4 * PAGE_BYTES ? 'less' : 'more'} than 16 MB`;
  } finally {
    connection.socket.destroy();
  }
}

const SETTLED_MS = 300;

/** True when it is more than `start`, and has not changed for a moment. */
async function settled(read: () => Promise<number>, start: number): Promise<boolean> {
  const before = await read();
  await delay(SETTLED_MS);
  return before > start && (await read()) === before;
}

/** Longer than production waits here (see SHORTENED), also where the system takes another piece of the answer in between. */
const UNREAD_MS = 10_000;

/** What 200 texts of 40 kB have at least. */
const ANSWER_BYTES = 8_000_000;

/** Whether the server still holds the rest of what nobody has read for so long: then that rest comes, once somebody reads. */
async function answersUnread(target: Target): Promise<string> {
  await writeLong(target, 100);
  const queries = () => target.gauge('parley_operations_total{type="query",outcome="ok"}');
  const before = await queries();
  const connections = Array.from({ length: 5 }, () =>
    postUnread(target, textsOf(target, 100), 'application/json'),
  );
  await eventually(async () => (await queries()) >= before + connections.length, { withinMs: CUT_WITHIN_MS });
  await delay(UNREAD_MS);
  const received = await Promise.all(
    connections.map(async (connection) => {
      connection.socket.resume();
      const ended = () => connection.closed || connection.receivedBytes >= ANSWER_BYTES;
      await eventually(ended, { withinMs: CUT_WITHIN_MS }).finally(() => connection.socket.destroy());
      return connection.receivedBytes;
    }),
  );
  const kept = received.filter((bytes) => bytes >= ANSWER_BYTES).length;
  return kept === 0 ? 'all cut' : `${kept} are kept`;
}
