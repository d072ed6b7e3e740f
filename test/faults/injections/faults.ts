import { exhaustPool, fillDisk, killDatabase, terminateBackends, terminateListeners } from './database.ts';
import type { Fault } from './fault.ts';
import { cutClients, droppedDatabase, refusedDatabase, resetDatabase, slowDatabase } from './network.ts';
import { clockJump, freezeNode, killAllNodes, killNode, rollingRestart } from './nodes.ts';
import { cutRedis, dropRedis, freezeRedis, killRedis } from './redis.ts';
import { lateCommits, manyDuplicates } from './writes.ts';

export const FAULTS: readonly Fault[] = [
  killNode,
  killAllNodes,
  rollingRestart,
  freezeNode,
  clockJump,
  killDatabase,
  terminateBackends,
  exhaustPool,
  fillDisk,
  slowDatabase,
  droppedDatabase,
  resetDatabase,
  refusedDatabase,
  terminateListeners,
  killRedis,
  freezeRedis,
  cutRedis,
  dropRedis,
  cutClients,
  lateCommits,
  manyDuplicates,
];
