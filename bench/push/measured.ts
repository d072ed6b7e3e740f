import type { MeasuredServer } from '../support/measured-server.ts';
import type { Report, Traffic } from './load/protocol.ts';
import type { PushLoad } from './load-process.ts';

export interface Measured extends Report {
  /** Microseconds of CPU of the server that pushes, a delivery. */
  readonly cpuUs: number;
}

/**
 * Sends, and measures the server meanwhile.
 * @param profile the file for a CPU profile; `null` for none
 * @throws when a message has not come to each device exactly once
 */
export async function measureSending(
  server: MeasuredServer,
  load: PushLoad,
  traffic: Traffic,
  profile: string | null,
): Promise<Measured> {
  if (profile !== null) await server.startProfile();
  const cpuBefore = await server.cpu();
  const report = await sendAll(load, traffic);
  const cpuMs = (await server.cpu()) - cpuBefore;
  if (profile !== null) await server.stopProfile(profile);
  return { ...report, cpuUs: (cpuMs * 1_000) / report.deliveries };
}

/** Sends. @throws when a message has not come to each device exactly once */
export async function sendAll(load: PushLoad, traffic: Traffic): Promise<Report> {
  const report = await load.ask('send', traffic);
  const { sent, lost, repeated } = report;
  if (lost > 0 || repeated > 0)
    throw new Error(`Of ${sent} messages ${lost} deliveries were lost and ${repeated} repeated.`);
  return report;
}

/** For each message that is then measured: with fewer, V8 was seen to compile Parley's code only while it is measured. */
const WARM_UPS = 4;

/** Sends flat out: everybody has then been sent something, and code is loaded and compiled. @throws as `sendAll` */
export async function warmUp(load: PushLoad, messages: number): Promise<void> {
  await sendAll(load, { messages: WARM_UPS * messages, rate: null });
}
