import { TestClient } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { explained, type PlanMode } from './explained.ts';
import { PERSON } from './fill.ts';
import { type Plan, scansOf } from './plan.ts';
import type { PlanLog } from './plan-log.ts';

/** A server on a filled database, whose plans can be seen. */
export interface PlannedServer extends AsyncDisposable {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  /** How all that was run while `work` was done, apart from what a server asks by itself. */
  readonly plansOf: (work: () => Promise<unknown>) => Promise<readonly Plan[]>;
}

const BY_ITSELF: ReadonlySet<string> = new Set(['users_gone', 'inbox_moved']);
/** The last table that a server tidies up when it starts. */
const TIDIED_LAST = 'idempotency_keys';

export async function startPlannedServer(
  log: PlanLog,
  database: Pick<TestServer, 'pool'> & { readonly url: string },
  mode: PlanMode,
): Promise<PlannedServer> {
  let server: TestServer | undefined;
  await log.during(async () => {
    server = await startTestServer({
      database: { databaseUrl: explained(database.url, mode), pool: database.pool },
      environment: { EVENT_BUS: 'memory' },
    });
    await eventually(() =>
      log.soFar.some((plan) => scansOf(plan).some(({ table }) => table === TIDIED_LAST)),
    );
  });
  const { url, [Symbol.asyncDispose]: stop } = server as unknown as TestServer;
  // Whose `sub` a token names is then known, so that it is no part of the operations.
  const { alice, bob, carol, dave, erin } = PERSON;
  for (const id of [alice, bob, carol, dave, erin])
    await new TestClient(url, `u${id}`).data('{ unreadCount }');
  return {
    url,
    plansOf: async (work) => (await log.during(work)).filter(({ statement }) => !BY_ITSELF.has(statement)),
    [Symbol.asyncDispose]: () => stop(),
  };
}
