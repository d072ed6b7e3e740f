import { spawnSync } from 'node:child_process';

/** Of a process besides its sockets: files, database connections, pipes. */
const OTHERS = 200;

/** Each socket takes one of the server's file descriptors, and one of the load's. @throws when there are too few. */
export function checkFileDescriptors(sockets: number): void {
  // Node.js itself raises the soft limit to the hard one when it starts.
  const limit = spawnSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout.trim();
  if (limit === 'unlimited' || Number(limit) >= sockets + OTHERS) return;
  throw new Error(
    `${sockets} sockets need ${sockets + OTHERS} open files in each process, and the limit is ${limit} (ulimit -Hn). ` +
      `Raise it, or run with --sockets ${Math.max(1, Number(limit) - OTHERS)}.`,
  );
}
