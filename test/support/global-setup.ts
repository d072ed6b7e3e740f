import { type Cluster, startCluster } from './cluster.ts';
import { postgresBinDirectory, publishAdminUrl } from './environment.ts';
import { createTemplate } from './template.ts';

declare global {
  /** For global teardown, which jest loads apart from this module. */
  var parleyTestCluster: Cluster | undefined;
}

/** Starts one PostgreSQL for the whole run, with the migrated template in it. */
export default function globalSetup(): Promise<void> {
  return startForAll(async () => {});
}

export async function startForAll(prepare: (templateUrl: string) => Promise<unknown>): Promise<void> {
  const cluster = await startCluster(postgresBinDirectory());
  globalThis.parleyTestCluster = cluster;
  publishAdminUrl(cluster.url);
  await createTemplate(cluster.url, prepare);
}
