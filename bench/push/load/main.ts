// The load: the devices of one server's users and who writes to them, in a process of their own that does what its
// parent asks over IPC.
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchUser } from '../../sockets/contestant.ts';
import { now } from '../../support/clock.ts';
import { authorizationOf } from '../../support/environment.ts';
import { connectDevices, type Devices } from './devices.ts';
import type { Feed } from './feeds/feed.ts';
import { openFeed } from './feeds/open.ts';
import { Ledger } from './ledger.ts';
import { pace } from './pace.ts';
import { pairOf } from './pair.ts';
import type { Answers, Population } from './protocol.ts';
import { timeRequests } from './request.ts';
import { readNumber, writeText } from './text.ts';

/** When nothing has come for so long, nothing more will. */
const QUIET_MS = 5_000;
const POLL_MS = 20;

const ledger = new Ledger();
let population: Population;
let devices: Devices;
let feed: Feed;
let fault: string | null = null;
/** The id of the message that came last, and to whom. */
let latest: { readonly id: string; readonly place: number };
let numbered = 0;

/** Waits for what is on its way. */
async function settle(): Promise<void> {
  let [outstanding, since] = [ledger.outstanding, now()];
  while (ledger.outstanding > 0 && now() - since < QUIET_MS) {
    await delay(POLL_MS);
    if (ledger.outstanding !== outstanding) [outstanding, since] = [ledger.outstanding, now()];
  }
}

async function send(number: number): Promise<void> {
  const { sender, receiver } = pairOf(number, population);
  ledger.expect(number, [...devices.of(sender.name), ...devices.of(receiver.name)], now());
  ledger.commit(number, await feed.send({ sender, receiver, text: writeText(number) }));
}

const answers: Answers = {
  async connect(everybody) {
    population = everybody;
    devices = await connectDevices(
      everybody,
      (place, { id, messageText }, at) => {
        latest = { id, place };
        ledger.arrive(readNumber(messageText), place, at);
      },
      (what) => {
        fault ??= what;
      },
    );
  },
  async openFeed(options) {
    feed = await openFeed(options);
  },
  async send(traffic) {
    const first = numbered;
    numbered += traffic.messages;
    await pace(traffic, (i) => send(first + i));
    await settle();
    if (fault !== null) throw new Error(fault);
    return ledger.close();
  },
  closeFeed: async () => feed[Symbol.asyncDispose](),
  async request({ url, count }) {
    const { id, place } = latest;
    const user = population.users[Math.floor(place / population.socketsEach)] as BenchUser;
    return timeRequests({ url, authorization: await authorizationOf(user.name), id }, count);
  },
  drop: () => devices.drop(),
};

Object.assign(globalThis.benchAnswers, answers);
// Until its parent ends it.
process.channel?.ref();
process.send?.('ready');
