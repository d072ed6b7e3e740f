import { type Cluster, startCluster } from './cluster.ts';
import { postgresBinDirectory, publishAdminUrl } from './environment.ts';
import { createTemplate } from './template.ts';

declare global {
  /** For global teardown, which jest loads apart from this module. */
  var parleyTestCluster: Cluster | undefined;
}

/** Starts one PostgreSQL for the whole run, with the migrated template in it. */
export default async function globalSetup(): Promise<void> {
  await startForAll();
}

/** @returns the address of a database that no test changes */
export async function startForAll(): Promise<string> {
  const cluster = await startCluster(postgresBinDirectory());
  globalThis.parleyTestCluster = cluster;
  publishAdminUrl(cluster.url);
  await createTemplate(cluster.url);
  return cluster.url;
}
