import { Contestant } from '../sockets/contestant.ts';
import { serverEnvironment } from '../support/environment.ts';

/** Parley in a process of its own, on a database whose users the load has tokens for. */
export function startParley(databaseUrl: string, bus: Readonly<Record<string, string>>): Promise<Contestant> {
  return Contestant.start('parley', databaseUrl, serverEnvironment(databaseUrl, bus));
}
