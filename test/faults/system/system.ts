import { Cleanup } from '../../../src/lib/cleanup.ts';
import { type OwnCluster, startOwnCluster } from '../../support/own-cluster.ts';
import { noRedis } from '../../support/redis-path.js';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { mountSmallDisk, noSmallDisk, type SmallDisk } from '../../support/small-disk.ts';
import type { Occurrence } from '../history/event.ts';
import { Node } from './node.ts';

export type Bus = 'postgres' | 'redis';

const NODES = 2;

const SETTINGS = {
  max_connections: '100',
  // What another program's transaction would hold if it were forgotten.
  idle_in_transaction_session_timeout: '20s',
};

/** What the faults are for: two servers on one database, whose tables are on a small disk where that can be had. */
export class System implements AsyncDisposable {
  /** Where is written down what the processes do. */
  note: (occurrence: Occurrence) => void = () => {};
  #bus: Bus | null = null;

  private constructor(
    readonly database: OwnCluster,
    /** Null where this machine has none; so is Redis. */
    readonly disk: SmallDisk | null,
    readonly redis: RedisServer | null,
    readonly nodes: readonly Node[],
    private readonly cleanup: Cleanup,
  ) {}

  /** The nodes do not run yet. */
  static async prepare(): Promise<System> {
    const cleanup = new Cleanup();
    try {
      const disk = noSmallDisk === null ? cleanup.use(await mountSmallDisk()) : null;
      const database = cleanup.use(
        await startOwnCluster({ settings: SETTINGS, ...(disk === null ? {} : { tablesIn: disk.directory }) }),
      );
      const redis = noRedis === null ? cleanup.use(await startRedis()) : null;
      const addresses = { databaseUrl: database.url, redisUrl: redis?.url ?? null };
      const nodes: Node[] = [];
      const system = new System(database, disk, redis, nodes, cleanup);
      for (let index = 0; index < NODES; index++)
        nodes.push(
          cleanup.use(await Node.prepare(index, addresses, (occurrence) => system.note(occurrence))),
        );
      return system;
    } catch (error) {
      await cleanup[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Has the nodes run, and tell each other of news in this way; those that do it in another are restarted. */
  async use(bus: Bus): Promise<void> {
    if (bus !== this.#bus) await this.stop();
    this.#bus = bus;
    await this.recover();
  }

  /** Starts what has ended, and waits until everything is ready. */
  async recover(): Promise<void> {
    const bus = this.#bus;
    if (bus === null) return;
    await Promise.all(
      this.nodes.map(async (node) => {
        if (!node.isRunning) await node.start(bus);
        await node.ready();
      }),
    );
  }

  /** Asks the nodes to stop, and waits until they are gone. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end('SIGTERM')));
  }

  /** Takes all users and what they have, so that the next round's disk is as empty as this one's was. */
  async clear(): Promise<void> {
    await this.database.pool.query('TRUNCATE users, messages');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }
}
