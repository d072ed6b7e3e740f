import { fileURLToPath } from 'node:url';
import { serverEnvironment } from '../support/environment.ts';
import { launch, MeasuredServer, type RunningServer } from '../support/measured-server.ts';
import { BY_KEY, BY_KEY_AS_TEXT, type Naming, PARLEYS_NAMING } from './naming.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const SCRIPTS = {
  parley: fileOf('../../dist/main.js'),
  'node-http-pg': fileOf('../peers/node-http-pg.js'),
  mercurius: fileOf('../peers/mercurius.js'),
  'yoga-prisma': fileOf('../peers/yoga-prisma.js'),
  postgraphile: fileOf('../peers/postgraphile/server.js'),
};

export type ContestantName = keyof typeof SCRIPTS;

export const CONTESTANTS = Object.keys(SCRIPTS) as readonly ContestantName[];

/** Connections to the database: Parley's default, and as many for its peers. */
const POOL_SIZE = '10';

/** Parley or a peer, in a process that is measured from inside. */
export class Contestant extends MeasuredServer {
  private constructor(
    readonly name: ContestantName,
    private readonly server: RunningServer,
    /** Milliseconds from its process' start until it takes requests. */
    readonly startMs: number,
  ) {
    super(server);
  }

  /** @param settings variables of its environment besides those of every contestant */
  static async start(
    name: ContestantName,
    databaseUrl: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Contestant> {
    const environment = serverEnvironment(databaseUrl, { DATABASE_POOL_SIZE: POOL_SIZE, ...settings });
    const startedAt = performance.now();
    const server = await launch(SCRIPTS[name], environment, [fileOf('count-statements.js')]);
    return new Contestant(name, server, performance.now() - startedAt);
  }

  get naming(): Naming {
    if (this.name === 'parley') return PARLEYS_NAMING;
    return this.name === 'postgraphile' ? BY_KEY : BY_KEY_AS_TEXT;
  }

  /** SQL statements that it has sent so far. */
  statements(): Promise<number> {
    return this.server.process.ask('statements');
  }

  /** Rejects when it ends, with what it wrote last. */
  async failure(): Promise<never> {
    return this.server.process.failure().catch((cause: Error) => {
      throw new Error(`${this.name}: ${cause.message}`, { cause });
    });
  }
}
