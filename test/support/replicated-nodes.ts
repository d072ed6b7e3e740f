import { eventually } from './eventually.ts';
import { metric } from './metric.ts';
import { type OwnCluster, startOwnCluster } from './own-cluster.ts';
import { onNode, type Person } from './people.ts';
import { startReplica, type TestReplica } from './replica.ts';
import { startTestServer, type TestServer } from './server.ts';

type Environment = Readonly<Record<string, string>>;

/** Two servers on one database, which read from a hot standby of it. */
export class ReplicatedNodes implements AsyncDisposable {
  readonly primary: OwnCluster;
  readonly replica: TestReplica;
  readonly nodes: readonly [TestServer, TestServer];

  private constructor(primary: OwnCluster, replica: TestReplica, nodes: readonly [TestServer, TestServer]) {
    this.primary = primary;
    this.replica = replica;
    this.nodes = nodes;
  }

  static async start(environment?: Environment): Promise<ReplicatedNodes> {
    const primary = await startOwnCluster();
    const replica = await startReplica(primary);
    const nodes = [
      await startNode(primary, replica, environment),
      await startNode(primary, replica, environment),
    ] as const;
    return new ReplicatedNodes(primary, replica, nodes);
  }

  /** One more; stop it yourself. */
  startNode(environment: Environment = {}): Promise<TestServer> {
    return startNode(this.primary, this.replica, environment);
  }

  /** On how many of the two reads go to the replica. */
  async inUse(): Promise<number> {
    const counts = await Promise.all(this.nodes.map(({ url }) => metric(url, 'parley_replicas_in_use')));
    return counts.reduce((sum, count) => sum + count);
  }

  /** Waits until they do on both, or on none. */
  async isUsed(used: boolean): Promise<void> {
    await eventually(async () => (await this.inUse()) === (used ? this.nodes.length : 0), {
      withinMs: 10_000,
    });
  }

  readsFrom(source: 'primary' | 'replica', { url }: TestServer = this.nodes[0]): Promise<number> {
    return metric(url, `parley_reads_total{source="${source}"}`);
  }

  /** Where one read of this viewer comes from, on the first node. */
  async sourceFor(viewer: Person): Promise<'primary' | 'replica'> {
    const before = await this.readsFrom('replica');
    await onNode(viewer, this.nodes[0]).client.data('{ unreadCount }');
    return (await this.readsFrom('replica')) > before ? 'replica' : 'primary';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of [...this.nodes, this.replica, this.primary]) await opened[Symbol.asyncDispose]();
  }
}

function startNode(primary: OwnCluster, replica: TestReplica, environment: Environment = {}) {
  return startTestServer({
    database: { databaseUrl: primary.url, pool: primary.pool },
    environment: { DATABASE_REPLICA_URLS: replica.url, ...environment },
  });
}
