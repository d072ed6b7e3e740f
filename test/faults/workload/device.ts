import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, TestClient } from '../../support/client.ts';
import { follow, type InboxEvent, type Recording, type Transport } from '../../support/subscriber.ts';
import type { Told } from '../history/event.ts';
import type { Random } from '../random.ts';
import { longToken } from './ask.ts';
import { look, shownAs } from './look.ts';
import { anyNode, type Person, type Scene } from './scene.ts';

const POLL_INTERVAL_MS = 5;
/** Up to so long a client waits that has lost its connection. */
const RESUME_PAUSE_MS = 60;
/** The same for one that got none, or nothing on it. */
const RETRY_PAUSE_MS = 400;

/** After how many events, at most, it loses its connection by itself, as clients do every now and then. */
const MAX_EVENTS_A_CONNECTION = 40;

class LongClient extends TestClient {
  override async headers(): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await longToken(this.user ?? '')}` };
  }
}

/** A client that follows one user's inbox: it loads once, and then resumes on any node whenever its connection ends. */
export class Device implements AsyncDisposable {
  /** Where it stands; null until it has loaded. */
  cursor: string | null = null;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #recording: Recording | null = null;
  #eventsUntilCut: number;

  constructor(
    readonly name: string,
    readonly user: Person,
    private readonly over: Transport,
    private readonly scene: Scene,
    private readonly random: Random,
  ) {
    this.#eventsUntilCut = random.between(1, MAX_EVENTS_A_CONNECTION);
    this.#done = this.#live();
  }

  /** Cuts its connection. */
  cut(): void {
    this.#recording?.drop();
    this.#recording = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.cut();
    await this.#done;
  }

  async #live(): Promise<void> {
    let why = 'start';
    while (!this.#stop.signal.aborted) {
      const before = this.cursor;
      if (before === null) await this.#load();
      else why = await this.#followOnce(before, why);
      await delay(this.random.between(0, this.cursor === before ? RETRY_PAUSE_MS : RESUME_PAUSE_MS));
    }
  }

  async #load(): Promise<void> {
    const loaded = await look(anyNode(this.scene, this.random).url, this.user);
    if (!('cursor' in loaded)) return;
    this.cursor = loaded.cursor;
    this.scene.history.note({ type: 'snapshot', device: this.name, final: false, ...loaded });
  }

  /** @returns why it ended. */
  async #followOnce(after: string, why: string): Promise<string> {
    const { node, url } = anyNode(this.scene, this.random);
    this.scene.history.note({ type: 'resume', device: this.name, node, after, why });
    const recording = await follow(new LongClient(url, this.user.name), { over: this.over, after });
    this.#recording = recording;
    // Nothing has come yet: that takes the network, and this only a promise. What comes after a cut is not heard.
    recording.take = (answer) => this.#recording === recording && this.#hear(answer);
    while (this.#recording === recording && !recording.ended) await delay(POLL_INTERVAL_MS);
    const cut = this.#recording !== recording;
    this.#recording = null;
    recording.drop();
    return cut ? 'cut' : 'ended';
  }

  #hear({ data, errors }: Answer): void {
    const { history } = this.scene;
    for (const { extensions } of errors ?? []) {
      history.note({ type: 'stream error', device: this.name, code: extensions.code });
      if (extensions.code === 'RESYNC_REQUIRED') this.cursor = null;
    }
    if (data?.inbox == null) return;
    const event: InboxEvent = data.inbox;
    this.cursor = event.cursor;
    history.note({ type: 'delivered', device: this.name, cursor: event.cursor, told: toldBy(event) });
    if (--this.#eventsUntilCut > 0) return;
    this.#eventsUntilCut = this.random.between(1, MAX_EVENTS_A_CONNECTION);
    this.cut();
  }
}

function toldBy(event: InboxEvent): Told {
  switch (event.__typename) {
    case 'MessageSent':
      return { kind: 'sent', message: event.message === null ? null : shownAs(event.message) };
    case 'MessagesRead':
      return { kind: 'read', reader: event.reader.username, messages: event.messages.map(shownAs) };
    case 'MessagesChanged':
      return { kind: 'changed', messages: event.messages.map(shownAs) };
    case 'MessagesDeleted':
      return { kind: 'deleted', ids: event.messageIds };
  }
}
