import { fileURLToPath } from 'node:url';
import type { BenchUser } from '../sockets/contestant.ts';
import { launch, MeasuredServer } from '../support/measured-server.ts';
import type { FeedOptions } from './load/protocol.ts';
import { startPushLoad } from './load-process.ts';
import { type Measured, measureSending, warmUp } from './measured.ts';
import { startParley } from './start-parley.ts';
import { untilFollowed } from './until-followed.ts';

const BARE_WS = fileURLToPath(new URL('bare-ws.js', import.meta.url));

export const DEVICES = 100;
/** Messages a second, each for all devices. */
export const DEVICES_RATE = 50;
/** Others, who follow nothing themselves. */
const SENDERS = 16;

export interface DevicesCircumstances {
  readonly databaseUrl: string;
  readonly users: readonly BenchUser[];
  /** To be measured. */
  readonly messages: number;
  /** The file for a CPU profile; `null` for none. */
  readonly profile: string | null;
}

/** Parley pushes to many devices of one user, in whose log other programs write. */
export async function runParleyDevices(circumstances: DevicesCircumstances): Promise<Measured> {
  const { databaseUrl } = circumstances;
  await using parley = await startParley(databaseUrl, { EVENT_BUS: 'postgres' });
  return await runDevices(parley, { kind: 'sql', databaseUrl }, circumstances);
}

/** A bare ws server sends texts that are ready. */
export async function runBareWs(circumstances: DevicesCircumstances): Promise<Measured> {
  await using bare = new MeasuredServer(await launch(BARE_WS, {}));
  return await runDevices(bare, { kind: 'texts', port: await bare.openFeed() }, circumstances);
}

/** @throws when anything was lost or repeated */
async function runDevices(
  server: MeasuredServer,
  feed: FeedOptions,
  { users, messages, profile }: DevicesCircumstances,
): Promise<Measured> {
  await using load = await startPushLoad();
  await load.ask('connect', {
    url: server.socketUrl,
    users: users.slice(0, 1),
    socketsEach: DEVICES,
    senders: users.slice(1, 1 + SENDERS),
  });
  await untilFollowed(server, DEVICES);
  await load.ask('openFeed', feed);
  await warmUp(load, messages);
  const measured = await measureSending(server, load, { messages, rate: DEVICES_RATE }, profile);
  await load.ask('closeFeed');
  await load.ask('drop');
  return measured;
}
