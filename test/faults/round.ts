import { eventually } from '../support/eventually.ts';
import type { Transport } from '../support/subscriber.ts';
import { finish } from './finish.ts';
import type { HistoryEvent } from './history/event.ts';
import { History } from './history/history.ts';
import type { Site } from './injections/fault.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import type { System } from './system/system.ts';
import { Device } from './workload/device.ts';
import { keepWriting, writeLast } from './workload/other-program.ts';
import { keepReading } from './workload/read.ts';
import { castPeople, type Scene } from './workload/scene.ts';
import { keepSending } from './workload/send.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave'];
const TRANSPORTS: readonly Transport[] = ['sockets', 'Server-Sent Events'];
const LOAD_WITHIN_MS = 30_000;
const SEND_WITHIN_MS = 90_000;
/** So many sends are acknowledged after the last fault has healed, unless the senders have come to their end. */
const SENDS_AFTERWARDS = 15;

/**
 * Plays one round: people with devices, writers, and the faults of the plan; until everybody has been told of
 * everything, or has given up.
 * @returns what was seen
 */
export async function playRound(system: System, plan: Plan): Promise<readonly HistoryEvent[]> {
  const history = new History();
  system.note = (occurrence) => history.note(occurrence);
  try {
    await play(system, plan, history);
  } catch (error) {
    history.note({ type: 'gave up', who: 'the round', waitingFor: String(error) });
  }
  return history.events;
}

async function play(system: System, plan: Plan, history: History): Promise<void> {
  await system.use(plan.bus);
  const curtain = new AbortController();
  const urls = () => system.nodes.map(({ url }) => url);
  const { pool, url: databaseUrl } = system.database;
  const people = await castPeople(pool, urls()[0] as string, NAMES, `${plan.seed}-${plan.number}`);
  const scene: Scene = { history, urls, databaseUrl, people, paceMs: plan.paceMs, curtain: curtain.signal };
  const random = (...names: readonly string[]) => new Random(plan.seed, plan.number, ...names);
  const devices = people.flatMap((person) =>
    TRANSPORTS.map((over) => {
      const name = `${person.name} over ${over}`;
      return new Device(name, person, over, scene, random('device', name));
    }),
  );
  const writing = new Set<Promise<void>>();
  try {
    await eventually(() => devices.every(({ cursor }) => cursor !== null), { withinMs: LOAD_WITHIN_MS });
    const sending = people.map((person) => keepSending(scene, person, random('sender', person.name)));
    const others = people.map((person) => keepReading(scene, person, random('reader', person.name)));
    for (const writer of [...sending, ...others, keepWriting(scene, random('other program'))])
      writing.add(writer);
    await strikeAll(plan, { system, scene, devices }, sending);
    curtain.abort();
    await Promise.all(writing);
    await system.recover();
    await writeLast(scene);
    await finish(system, scene, devices);
  } finally {
    curtain.abort();
    await Promise.allSettled(writing);
    await Promise.all(devices.map((device) => device[Symbol.asyncDispose]()));
  }
}

/**
 * Injects each fault when it is time, and waits until the senders have gone on after the last one, unless they have come
 * to their end.
 */
async function strikeAll(
  { faults, seed, number }: Plan,
  site: Omit<Site, 'random'>,
  sending: readonly Promise<void>[],
): Promise<void> {
  const { history } = site.scene;
  let ended = false;
  void Promise.allSettled(sending).then(() => {
    ended = true;
  });
  /** Or until there is nobody left who sends. */
  const untilSent = (count: number) =>
    eventually(() => ended || history.acknowledged >= count, { withinMs: SEND_WITHIN_MS });

  const struck = faults.map(async ({ fault, afterSends }) => {
    await untilSent(afterSends);
    history.note({ type: 'fault', name: fault.name, failsWrites: fault.failsWrites });
    await fault.strike({ ...site, random: new Random(seed, number, 'fault', fault.name) });
    history.note({ type: 'healed', name: fault.name });
  });
  await Promise.all(struck);
  await untilSent(history.acknowledged + SENDS_AFTERWARDS);
}
