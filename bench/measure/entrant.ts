import type { Contestant, ContestantName } from '../contestants/contestant.ts';
import { Connection } from '../load/connection.ts';
import type { HttpLoad } from '../load/load-process.ts';
import type { LoadRequest } from '../load/protocol.ts';
import { authorizationOf } from '../support/environment.ts';
import { canonical } from '../workloads/canonical.ts';
import type { Case, Dialect, Workload } from '../workloads/workload.ts';
import type { Backend } from './backend.ts';

/** So many answers are looked at before anything is measured: a wrong one is no answer. */
const CHECKED = 20;

/** A contestant in one work. */
export interface Entrant {
  /** In the results. */
  readonly name: string;
  readonly server: Contestant;
  readonly backend: Backend;
  /** The load's name for its requests. */
  readonly list: string;
  /** Comes before each of its turns, and is not measured. */
  readonly beforeTurn?: () => Promise<unknown>;
}

/** Hands its requests to the load, after some of its answers have been found right. @throws the first wrong one */
export async function enter(
  load: HttpLoad,
  name: string,
  server: Contestant,
  backend: Backend,
  work: Workload,
  cases: readonly Case[],
): Promise<Entrant> {
  if (cases.length === 0) throw new Error(`The database has nothing to ask for: ${work.name}.`);
  const requests = await Promise.all(cases.map((one) => requestOf(work, server, one)));
  const { origin } = new URL(server.url);
  const { translate = (answer) => answer } = dialectOf(work, server.name);
  await checkSome(origin, `${name}, ${work.name}`, cases, requests, translate);
  const list = `${name}, ${work.key}`;
  await load.ask('prepare', { name: list, origin, requests });
  return { name, server, backend, list };
}

/** A case as that contestant is asked for it. */
export async function requestOf(
  work: Workload,
  { name, naming }: Contestant,
  one: Case,
): Promise<LoadRequest> {
  const variables = one.variables(naming);
  const authorization = await authorizationOf(one.viewer);
  if (name === 'node-http-pg') return { path: work.path, authorization, body: JSON.stringify(variables) };
  const query = dialectOf(work, name).document;
  return { path: '/graphql', authorization, body: JSON.stringify({ query, variables }) };
}

function dialectOf(work: Workload, name: ContestantName): Dialect {
  return (name === 'postgraphile' && work.postgraphile) || work;
}

async function checkSome(
  origin: string,
  who: string,
  cases: readonly Case[],
  requests: readonly LoadRequest[],
  translate: NonNullable<Dialect['translate']>,
): Promise<void> {
  const connection = new Connection(origin);
  const step = Math.max(1, Math.floor(cases.length / CHECKED));
  try {
    for (let i = 0; i < cases.length; i += step) {
      const answer = JSON.parse(await connection.send(requests[i] as LoadRequest));
      await cases[i]?.check(canonical(translate(answer.data)));
    }
  } catch (error) {
    throw new Error(`${who}: the answer is wrong: ${(error as Error).message}`, { cause: error });
  } finally {
    await connection.close();
  }
}
