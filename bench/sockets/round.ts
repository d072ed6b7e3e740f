import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../support/clock.ts';
import type { Memory } from '../support/measured-server.ts';
import type { Progress } from '../support/progress.ts';
import { type BenchUser, Contestant, type ContestantName } from './contestant.ts';
import type { Report } from './load/protocol.ts';
import { type SocketLoad, startSocketLoad } from './load-process.ts';

/** Connect, get a message and leave before the measuring starts: code is then loaded and compiled. */
const WARM_UP_SOCKETS = 200;
const CALM_MS = 10_000;
/** More messages a second than any server here takes. */
const AS_FAST_AS_IT_GOES = 100_000;
/** Sending before everyone is dropped, and after everyone is back. */
const AROUND_THE_STORM_MS = 2_000;
/** How often a server is asked whether it has everyone; counting takes some of its time. */
const POLL_MS = 100;

export interface RoundResult {
  /** Before any socket was open, with all of them subscribed and idle, and with all again after the storm. */
  readonly memory: { readonly empty: Memory; readonly idle: Memory; readonly afterStorm: Memory };
  /** Until the server followed everyone's inbox; `cpuMs` is the server's. */
  readonly connect: { readonly ms: number; readonly cpuMs: number };
  /** One message to each, as fast as the server takes them. */
  readonly first: Report;
  readonly calm: Report;
  readonly storm: Report & {
    /** From the drop until the last connection was acknowledged. */
    readonly acknowledgedMs: number;
    /** From the drop until the server followed everyone's inbox again. */
    readonly backMs: number;
    /** Of the server, in that time. */
    readonly cpuMs: number;
  };
}

export interface Circumstances {
  readonly databaseUrl: string;
  readonly receivers: readonly BenchUser[];
  readonly senders: readonly BenchUser[];
  /** Messages a second. */
  readonly rate: number;
  readonly progress: Progress;
  /** The beginning of the files' names; `null` for no profiles. */
  readonly profiles: string | null;
}

/** Everything once, with a server that is started for it: memory that was used before would look cheap. */
export async function runRound(
  name: ContestantName,
  label: string,
  circumstances: Circumstances,
): Promise<RoundResult> {
  await using server = await Contestant.start(name, circumstances.databaseUrl);
  await using load = await startSocketLoad();
  const round = new Round(server, load, label, circumstances);
  const empty = await round.warmUp();
  const { idle, ...connect } = await round.connect();
  const first = await round.sendToEach();
  const calm = await round.calm();
  const storm = await round.storm();
  const afterStorm = await server.memory();
  const { profiles } = circumstances;
  if (profiles !== null) await server.heapSnapshot(`${profiles}.heapsnapshot`);
  await load.ask('drop');
  return { memory: { empty, idle, afterStorm }, connect, first, calm, storm };
}

/** No further than all are subscribed and idle. */
export async function measureIdleMemory(
  name: ContestantName,
  label: string,
  circumstances: Circumstances,
): Promise<Pick<RoundResult['memory'], 'empty' | 'idle'>> {
  await using server = await Contestant.start(name, circumstances.databaseUrl);
  await using load = await startSocketLoad();
  const round = new Round(server, load, label, circumstances);
  const empty = await round.warmUp();
  const { idle } = await round.connect();
  await load.ask('drop');
  return { empty, idle };
}

class Round {
  readonly #sockets: number;

  constructor(
    private readonly server: Contestant,
    private readonly load: SocketLoad,
    private readonly label: string,
    private readonly circumstances: Circumstances,
  ) {
    this.#sockets = circumstances.receivers.length;
    load.onProgress((done) => circumstances.progress.show(done, this.#sockets));
  }

  async warmUp(): Promise<Memory> {
    this.#begin('starts, and warms up');
    const { receivers, senders } = this.circumstances;
    await this.load.ask('prepare', {
      url: this.server.socketUrl,
      receivers: receivers.map((user) => ({ name: user.name, address: this.server.address(user) })),
      senders: senders.map((user) => user.name),
    });
    const few = Math.min(WARM_UP_SOCKETS, this.#sockets);
    for (let i = 0; i < 3; i++) {
      await this.load.ask('connect', few);
      await this.#serverFollows(few);
      await this.load.ask('sendToEach', { rate: AS_FAST_AS_IT_GOES, receivers: few });
      await this.load.ask('drop');
      await this.#serverFollows(0);
    }
    return this.server.memory();
  }

  async connect() {
    this.#begin('connects');
    await this.#startProfile();
    const [startedAt, cpuBefore] = [performance.now(), await this.server.cpu()];
    await this.load.ask('connect', this.#sockets);
    await this.#serverFollows(this.#sockets);
    const ms = performance.now() - startedAt;
    const cpuMs = (await this.server.cpu()) - cpuBefore;
    await this.#stopProfile('connect');
    const idle = await this.server.memory();
    return { ms, cpuMs, idle };
  }

  /** One message to each; so that each has a cursor to resume with. */
  sendToEach(): Promise<Report> {
    this.#begin('delivers a message to each');
    return this.load.ask('sendToEach', { rate: AS_FAST_AS_IT_GOES, receivers: this.#sockets });
  }

  async calm(): Promise<Report> {
    this.#begin('is followed while it is calm');
    const from = now();
    await this.load.ask('startSending', this.circumstances.rate);
    await delay(CALM_MS);
    return this.load.ask('stopSending', { from, until: now() });
  }

  /** Everyone is cut off and comes back at once, while messages are sent. */
  async storm(): Promise<RoundResult['storm']> {
    this.#begin('is in the storm');
    await this.load.ask('startSending', this.circumstances.rate);
    await delay(AROUND_THE_STORM_MS);
    await this.#startProfile();
    const cpuBefore = await this.server.cpu();
    const { droppedAt, acknowledgedAt } = await this.load.ask('dropAndReconnect');
    await this.#serverFollows(this.#sockets);
    const backAt = now();
    const cpuMs = (await this.server.cpu()) - cpuBefore;
    await this.#stopProfile('storm');
    await delay(AROUND_THE_STORM_MS);
    const report = await this.load.ask('stopSending', { from: droppedAt, until: backAt });
    return { ...report, acknowledgedMs: acknowledgedAt - droppedAt, backMs: backAt - droppedAt, cpuMs };
  }

  async #serverFollows(count: number): Promise<void> {
    while ((await this.server.subscriptions()) !== count) await delay(POLL_MS);
  }

  #begin(phase: string): void {
    this.circumstances.progress.begin(`${this.label}: ${phase}`);
  }

  async #startProfile(): Promise<void> {
    if (this.circumstances.profiles !== null) await this.server.startProfile();
  }

  async #stopProfile(phase: string): Promise<void> {
    const { profiles } = this.circumstances;
    if (profiles !== null) await this.server.stopProfile(`${profiles}-${phase}.cpuprofile`);
  }
}
