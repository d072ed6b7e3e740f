// The load: all clients of one server, in a process of their own that does what its parent asks over IPC.
import { setTimeout as delay } from 'node:timers/promises';
import { tokenOf } from '../../../test/support/server.ts';
import { now } from '../../support/clock.ts';
import type { LoadNews } from '../../support/load-process.ts';
import { summarize } from '../../support/statistics.ts';
import { Crowd } from './crowd.ts';
import { Ledger } from './ledger.ts';
import type { Answers, Report } from './protocol.ts';
import { Sender } from './sender.ts';
import { startSending } from './steady-sending.ts';

/** When nothing has come for so long, nothing more will. */
const QUIET_MS = 5_000;
const POLL_MS = 20;
/** Sockets for each word of progress. */
const PROGRESS_STEP = 50;

let faults = new Map<string, number>();
let ledger: Ledger;
let crowd: Crowd;
let senders: readonly Sender[];
let addresses: readonly string[];
let sending: ReturnType<typeof startSending>;

function onFault(fault: string): void {
  faults.set(fault, (faults.get(fault) ?? 0) + 1);
}

function tell(news: LoadNews): void {
  process.send?.(news);
}

function tellProgress(done: number): void {
  if (done % PROGRESS_STEP === 0) tell({ done });
}

/** Waits for what is on its way, and starts a new account. */
async function settle(from: number, until: number): Promise<Report> {
  let [outstanding, since] = [ledger.outstanding, now()];
  while (ledger.outstanding > 0 && now() - since < QUIET_MS) {
    await delay(POLL_MS);
    if (ledger.outstanding !== outstanding) [outstanding, since] = [ledger.outstanding, now()];
  }
  const within = ledger.deliveries.filter(({ sentAt }) => sentAt >= from && sentAt <= until);
  const { lost, repeated, caughtUp } = ledger;
  const delivery = summarize(within.map(({ ms }) => ms));
  const report = {
    sent: sending.count,
    lost,
    repeated,
    caughtUp,
    delivery,
    faults: Object.fromEntries(faults),
  };
  ledger.startAgain();
  faults = new Map();
  return report;
}

const answers: Answers = {
  async prepare({ url, receivers, senders: names }) {
    addresses = receivers.map(({ address }) => address);
    ledger = new Ledger(receivers.length);
    crowd = await Crowd.of({ url, names: receivers.map(({ name }) => name), ledger, onFault });
    senders = await Promise.all(
      names.map(async (name) => Sender.connect(url, `Bearer ${await tokenOf(name)}`)),
    );
  },
  connect: (count) => crowd.connect(count, tellProgress),
  drop: () => crowd.drop(),
  async sendToEach({ rate, receivers }) {
    const from = now();
    const to = addresses.slice(0, receivers);
    sending = startSending({ senders, addresses: to, ledger, onFault }, rate, to.length);
    await sending.done;
    return settle(from, now());
  },
  startSending(rate) {
    sending = startSending({ senders, addresses, ledger, onFault }, rate);
  },
  async dropAndReconnect() {
    const droppedAt = now();
    crowd.drop();
    await crowd.connectAtOnce(tellProgress);
    return { droppedAt, acknowledgedAt: now() };
  },
  async stopSending({ from, until }) {
    await sending.stop();
    return settle(from, until);
  },
};

Object.assign(globalThis.benchAnswers, answers);
// Until its parent ends it.
process.channel?.ref();
tell('ready');
