import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A way to a server on this machine, on which a network's faults happen when they are wanted. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that clients have open through it, dead ones included. */
  readonly count: number;
  /** What has been lost on the way since it started. */
  readonly lostBytes: number;
  /** Pieces that have been sent and are not yet due. */
  readonly underWay: number;
  /** The address of a server, by this way. */
  reroute(url: string): string;
  /** From now on each piece, either way or only what the server says, arrives this much later; in order. */
  delay(milliseconds: number, which?: 'everything' | 'answers'): void;
  /**
   * From now on everything is lost, and nobody is told: new connections are taken and get no answer. A connection that
   * has lost something is dead for good, since TCP would never hand on what comes after a hole.
   */
  drop(): void;
  /** Resets every connection, towards both ends. @returns how many. */
  reset(): number;
  /** From now on nobody listens here; the connections that are open go on. */
  refuse(): void;
  /** From now on everything passes, at once. */
  heal(): Promise<void>;
}

/** Stands before the server that listens on `targetPort`, on loopback. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const network: Network = { ...UNDISTURBED, lostBytes: 0, underWay: 0 };
  const links = new Set<Link>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const link = new Link(client, connect(targetPort), network, () => links.delete(link));
    links.add(link);
  });
  const port = await listen(server, 0);

  return {
    port,
    get count() {
      return [...links].filter(({ client }) => !isOver(client)).length;
    },
    get lostBytes() {
      return network.lostBytes;
    },
    get underWay() {
      return network.underWay;
    },
    reroute(url) {
      const other = new URL(url);
      other.port = String(port);
      return other.href;
    },
    delay(milliseconds, which = 'everything') {
      network.answersDelayMs = milliseconds;
      network.questionsDelayMs = which === 'answers' ? 0 : milliseconds;
    },
    drop() {
      network.dropping = true;
    },
    reset() {
      const all = [...links];
      for (const link of all) link.reset();
      return all.length;
    },
    refuse() {
      server.close();
    },
    async heal() {
      Object.assign(network, UNDISTURBED);
      for (const link of links) link.settle();
      if (!server.listening) await listen(server, port);
    },
    async [Symbol.asyncDispose]() {
      network.dropping = false;
      for (const link of links) link.reset();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What all connections have in common. */
interface Network {
  questionsDelayMs: number;
  answersDelayMs: number;
  dropping: boolean;
  lostBytes: number;
  underWay: number;
}

const UNDISTURBED = { questionsDelayMs: 0, answersDelayMs: 0, dropping: false };

/** One connection of a client, and the one to the server that belongs to it. */
class Link {
  /** Something has been lost on it. */
  #dead = false;

  constructor(
    readonly client: Socket,
    readonly upstream: Socket,
    private readonly network: Network,
    private readonly onGone: () => void,
  ) {
    this.#carry(client, upstream, () => network.questionsDelayMs);
    this.#carry(upstream, client, () => network.answersDelayMs);
  }

  #carry(from: Socket, to: Socket, delayMs: () => number): void {
    let last: Promise<void> = Promise.resolve();
    const later = (lost: number, act: () => void) => {
      const due = performance.now() + delayMs();
      this.network.underWay++;
      last = last.then(async () => {
        const early = due - performance.now();
        // Unreferenced: what is late when a test is over keeps nobody waiting.
        if (early > 0) await delay(early, undefined, { ref: false });
        this.network.underWay--;
        if (this.network.dropping) this.#dead = true;
        if (this.#dead) this.network.lostBytes += lost;
        else if (!to.destroyed) act();
      });
    };
    from.on('data', (chunk: Buffer) => later(chunk.length, () => to.write(chunk)));
    from.on('end', () => later(0, () => to.end()));
    // What it was is told by how it closes.
    from.on('error', () => {});
    from.on('close', (failed) => {
      if (failed) later(0, () => reset(to));
      this.settle();
    });
  }

  /** Once nothing is lost any more, an end whose other end has given up is told so. */
  settle(): void {
    const { client, upstream, network } = this;
    if (client.destroyed && upstream.destroyed) this.onGone();
    else if (this.#dead && !network.dropping && (isOver(client) || isOver(upstream))) this.reset();
  }

  reset(): void {
    for (const socket of [this.client, this.upstream]) if (!socket.destroyed) reset(socket);
  }
}

/** Its other end has nothing more to say; none of the protocols here goes on in one direction. */
const isOver = (socket: Socket) => socket.destroyed || socket.readableEnded;

/** libuv refuses to reset what has said its own end, and Node.js then keeps it open for good. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function connect(port: number): Socket {
  return new Socket({ allowHalfOpen: true }).setNoDelay().connect(port, '127.0.0.1');
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
