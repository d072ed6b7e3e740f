import { tokenOf } from '../../../test/support/server.ts';
import { now } from '../../support/clock.ts';
import { type Ledger, readText } from './ledger.ts';
import { Subscriber } from './subscriber.ts';

/** As many as wait for their acknowledgement at a time when nobody is in a hurry. */
const CONNECTING_AT_A_TIME = 200;
/** Loopback addresses to connect from, in turn. */
const SOURCES =
  process.platform === 'linux' ? Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 1}`) : ['127.0.0.1'];

export interface CrowdOptions {
  /** Of the sockets: `ws://…`. */
  readonly url: string;
  /** The users' external ids; their places are the ledger's receivers. */
  readonly names: readonly string[];
  readonly ledger: Ledger;
  readonly onFault: (fault: string) => void;
}

type OnProgress = (connected: number) => void;

/** Many subscribers, each of another user. */
export class Crowd {
  private constructor(private readonly subscribers: readonly Subscriber[]) {}

  static async of({ names, ...options }: CrowdOptions): Promise<Crowd> {
    return new Crowd(await Promise.all(names.map((name, place) => createSubscriber(name, place, options))));
  }

  /** The first `count` of them, each as soon as another is done. */
  async connect(count: number, onProgress: OnProgress = () => {}): Promise<void> {
    const rest = this.subscribers.slice(0, count).values();
    let connected = 0;
    async function connectOneByOne() {
      for (const subscriber of rest) {
        await subscriber.connect();
        onProgress(++connected);
      }
    }
    await Promise.all(Array.from({ length: CONNECTING_AT_A_TIME }, connectOneByOne));
  }

  /** Everyone, at once. */
  async connectAtOnce(onProgress: OnProgress = () => {}): Promise<void> {
    let connected = 0;
    await Promise.all(
      this.subscribers.map(async (subscriber) => {
        await subscriber.connect();
        onProgress(++connected);
      }),
    );
  }

  drop(): void {
    for (const subscriber of this.subscribers) subscriber.drop();
  }
}

async function createSubscriber(
  name: string,
  place: number,
  { url, ledger, onFault }: Omit<CrowdOptions, 'names'>,
): Promise<Subscriber> {
  const subscriber: Subscriber = new Subscriber({
    url,
    authorization: `Bearer ${await tokenOf(name)}`,
    localAddress: SOURCES[place % SOURCES.length] as string,
    onFault,
    onText: (text) => ledger.receive(place, readText(text), now(), subscriber.connectedAt),
  });
  return subscriber;
}
