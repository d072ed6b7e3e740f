import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { serverAccount } from '../../src/storage/embedded/account.ts';
import { writeOwnedFile } from '../../src/storage/embedded/owned-file.ts';
import { dataIn } from '../../src/storage/embedded/site.ts';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { freshDirectory, homeIn, start, usedDirectory } from './embedded-sandbox.ts';

/** A migrated primary and a standby that streams from it; `sweep` of the sandbox ends both. */
export interface ReplicatedCluster {
  readonly primaryUrl: string;
  readonly standbyUrl: string;
}

/** The standby's data is a copy of the primary's, made while that is not running: it needs no pg_basebackup. */
export async function startReplicatedCluster(standbyName: string): Promise<ReplicatedCluster> {
  const primaryDirectory = await usedDirectory();
  const standbyDirectory = await freshDirectory();
  const home = homeIn(standbyDirectory);
  spawnSync('cp', ['-a', homeIn(primaryDirectory), home]);
  await writeOwnedFile(join(dataIn(home), 'standby.signal'), '', await serverAccount(home));

  const primary = await start(primaryDirectory);
  const { username, password, port } = new URL(primary.url);
  const standby = await start(standbyDirectory, {
    settings: {
      fsync: 'off',
      primary_conninfo: `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=${standbyName}`,
    },
  });
  await applyMigrations(primary.url);
  return { primaryUrl: primary.url, standbyUrl: standby.url };
}
