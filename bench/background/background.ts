import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Connection } from '../load/connection.ts';
import { adminAuthorizationOf } from '../support/environment.ts';

const EXPORT = fileURLToPath(new URL('../../dist/operations/export.js', import.meta.url));

/** All messages of a database of the benchmark, by the day. */
const REPORT = `{
  messageReport(since: "2025-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z", interval: DAY) { messages activeSenders }
}`;

/** Of the server and of its database, and the external id of a user there. */
export interface Site {
  readonly url: string;
  readonly databaseUrl: string;
  readonly user: string;
}

/** Does its work over and over until the signal aborts. @returns how often it has begun */
export type Background = (site: Site, signal: AbortSignal) => Promise<number>;

/** What goes on beside the work that is measured. */
export const BACKGROUNDS: Readonly<Record<string, Background>> = {
  nothing: async () => 0,
  'a report': reportOver(1),
  'ten reports asked for': reportOver(10),
  'an export': exportOver,
};

function reportOver(connections: number): Background {
  return async (site, signal) => {
    const authorization = await adminAuthorizationOf(site.user);
    const request = { path: '/graphql', authorization, body: JSON.stringify({ query: REPORT }) };
    const ask = async () => {
      const connection = new Connection(new URL(site.url).origin);
      let count = 0;
      while (!signal.aborted) {
        count++;
        // Refused, it asks again: others are running.
        await connection.send(request).catch(() => {});
      }
      await connection.close();
      return count;
    };
    const counts = await Promise.all(Array.from({ length: connections }, ask));
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

async function exportOver({ databaseUrl }: Site, signal: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    const child = spawn(process.execPath, [EXPORT, '--since', '2025-01-01T00:00:00Z', '--format', 'ndjson'], {
      env: { DATABASE_URL: databaseUrl },
      stdio: 'ignore',
    });
    const stop = () => child.kill();
    signal.addEventListener('abort', stop);
    count++;
    const [code] = await once(child, 'close');
    signal.removeEventListener('abort', stop);
    if (code !== 0 && !signal.aborted) throw new Error(`the export ended with ${code}`);
  }
  return count;
}
