import { noRedis } from '../../test/support/redis-path.js';
import { startRedis } from '../../test/support/redis-server.ts';
import type { BenchUser, Contestant } from '../sockets/contestant.ts';
import type { Report } from './load/protocol.ts';
import { startPushLoad } from './load-process.ts';
import { sendAll } from './measured.ts';
import type { Deployment } from './presets.ts';
import { startParley } from './start-parley.ts';
import { untilFollowed } from './until-followed.ts';

/** Messages a second while latencies are measured. */
export const DEPLOYMENT_RATE = 500;
/** They write where a single user is connected. */
const OTHERS = 16;

export interface DeploymentResult {
  readonly deployment: Deployment;
  /** Connected, with a socket each. */
  readonly users: number;
  readonly steady: Report;
  /** As many messages as the deployment takes. */
  readonly flatOut: Report;
}

export interface DeploymentCircumstances {
  readonly databaseUrl: string;
  readonly users: readonly BenchUser[];
  /** How many of them are connected, each in turn. */
  readonly sizes: readonly number[];
  /** To be sent at a steady rate, and as many again flat out. */
  readonly messages: number;
}

/** Why a deployment cannot be measured here; `null` when it can. */
export function whyNot(deployment: Deployment): string | null {
  return deployment === 'two nodes, Redis between them' ? noRedis : null;
}

/** Latencies and throughput from node to node, or over one. @throws when anything was lost or repeated */
export async function runDeployment(
  deployment: Deployment,
  circumstances: DeploymentCircumstances,
): Promise<DeploymentResult[]> {
  const { databaseUrl } = circumstances;
  switch (deployment) {
    case 'one node': {
      await using node = await startParley(databaseUrl, { EVENT_BUS: 'memory' });
      return await runSizes(deployment, node, node, circumstances);
    }
    case 'two nodes, PostgreSQL between them':
      return await runTwoNodes(deployment, { EVENT_BUS: 'postgres' }, circumstances);
    case 'two nodes, Redis between them': {
      await using redis = await startRedis();
      return await runTwoNodes(deployment, { EVENT_BUS: 'redis', REDIS_URL: redis.url }, circumstances);
    }
  }
}

async function runTwoNodes(
  deployment: Deployment,
  bus: Readonly<Record<string, string>>,
  circumstances: DeploymentCircumstances,
): Promise<DeploymentResult[]> {
  await using writing = await startParley(circumstances.databaseUrl, bus);
  await using pushing = await startParley(circumstances.databaseUrl, bus);
  return await runSizes(deployment, writing, pushing, circumstances);
}

async function runSizes(
  deployment: Deployment,
  writing: Contestant,
  pushing: Contestant,
  { users, sizes, messages }: DeploymentCircumstances,
): Promise<DeploymentResult[]> {
  await using load = await startPushLoad();
  const addresses = Object.fromEntries(users.map((user) => [user.name, writing.address(user)]));
  const results: DeploymentResult[] = [];
  for (const size of sizes) {
    const connected = users.slice(0, size);
    const senders = size > 1 ? connected : users.slice(size, size + OTHERS);
    await load.ask('connect', { url: pushing.socketUrl, users: connected, socketsEach: 1, senders });
    await untilFollowed(pushing, size);
    await load.ask('openFeed', { kind: 'mutations', url: writing.socketUrl, addresses });
    // Every sender has then a connection, and code is loaded and compiled.
    await sendAll(load, { messages: Math.max(messages, senders.length), rate: null });
    const steady = await sendAll(load, { messages, rate: DEPLOYMENT_RATE });
    const flatOut = await sendAll(load, { messages, rate: null });
    results.push({ deployment, users: size, steady, flatOut });
    await load.ask('closeFeed');
    await load.ask('drop');
    await untilFollowed(pushing, 0);
  }
  return results;
}
