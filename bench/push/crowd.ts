import { type BenchUser, Contestant } from '../sockets/contestant.ts';
import type { Summary } from '../support/statistics.ts';
import type { FeedOptions } from './load/protocol.ts';
import { type PushLoad, startPushLoad } from './load-process.ts';
import { type Measured, measureSending, warmUp } from './measured.ts';
import { startParley } from './start-parley.ts';
import { untilFollowed } from './until-followed.ts';

export const CROWD_USERS = 1_000;
/** Messages a second, of all together. */
export const CROWD_RATE = 500;
/** Asked before those that are measured, and measured. */
const REQUESTS = 500;

export interface CrowdResult {
  /** The messages come in from another process. */
  readonly pushing: Measured;
  /** The server that pushes takes the sends, too. */
  readonly sendingToo: Measured;
}

export interface ParleyCrowdResult extends CrowdResult {
  /** Of one request of one message, while nothing is sent and everybody is connected. */
  readonly request: Summary;
}

export interface CrowdCircumstances {
  readonly databaseUrl: string;
  /** With a socket each; they write to each other. */
  readonly users: readonly BenchUser[];
  /** To be measured, of each kind. */
  readonly messages: number;
  /** The file for a CPU profile of the pushing; `null` for none. */
  readonly profile: string | null;
}

/** @throws when anything was lost or repeated */
export async function runParleyCrowd(circumstances: CrowdCircumstances): Promise<ParleyCrowdResult> {
  const { databaseUrl } = circumstances;
  await using server = await startParley(databaseUrl, { EVENT_BUS: 'postgres' });
  await using load = await connectCrowd(server, circumstances);
  const pushing = await measure(server, load, { kind: 'sql', databaseUrl }, circumstances);
  await load.ask('request', { url: server.url, count: REQUESTS });
  const request = await load.ask('request', { url: server.url, count: REQUESTS });
  const sendingToo = await measureSendingToo(server, load, circumstances);
  return { pushing, request, sendingToo };
}

/** @throws when anything was lost or repeated */
export async function runBareCrowd(circumstances: CrowdCircumstances): Promise<CrowdResult> {
  await using server = await Contestant.start('bare', circumstances.databaseUrl);
  await using load = await connectCrowd(server, circumstances);
  const feed: FeedOptions = { kind: 'events', port: await server.openFeed() };
  const pushing = await measure(server, load, feed, circumstances);
  const sendingToo = await measureSendingToo(server, load, circumstances);
  return { pushing, sendingToo };
}

async function connectCrowd(server: Contestant, { users }: CrowdCircumstances): Promise<PushLoad> {
  const load = await startPushLoad();
  try {
    await load.ask('connect', { url: server.socketUrl, users, socketsEach: 1, senders: users });
    await untilFollowed(server, users.length);
    return load;
  } catch (error) {
    await load[Symbol.asyncDispose]();
    throw error;
  }
}

function measureSendingToo(server: Contestant, load: PushLoad, circumstances: CrowdCircumstances) {
  const addresses = Object.fromEntries(circumstances.users.map((user) => [user.name, server.address(user)]));
  const feed: FeedOptions = { kind: 'mutations', url: server.socketUrl, addresses };
  return measure(server, load, feed, { ...circumstances, profile: null });
}

async function measure(
  server: Contestant,
  load: PushLoad,
  feed: FeedOptions,
  { messages, profile }: CrowdCircumstances,
): Promise<Measured> {
  await load.ask('openFeed', feed);
  await warmUp(load, messages);
  const measured = await measureSending(server, load, { messages, rate: CROWD_RATE }, profile);
  await load.ask('closeFeed');
  return measured;
}
