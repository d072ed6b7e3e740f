import { EventEmitter } from 'node:events';
import pg from 'pg';

/** One statement as PostgreSQL says that it has begun it. */
export interface LoggedStatement {
  /** The whole of what begins and ends transactions, the first keyword of everything else. */
  readonly kind: string;
  /** What it is prepared as; null when it is not. */
  readonly name: string | null;
  readonly text: string;
  /** PostgreSQL's process that ran it. */
  readonly connection: number;
  /** Of the PostgreSQL server. */
  readonly port: number;
}

/** What a server's connections are named; those of tests are not. */
const SERVER = 'parley';
/** What a server asks by itself, at any time: no request pays for it. */
const BACKGROUND: ReadonlySet<string | undefined> = new Set(['users_gone', 'standing']);
const TRANSACTION = /^(BEGIN|SET|COMMIT|ROLLBACK)\b/;

/** Makes PostgreSQL tell each later connection of what it executes there. To be called before the server starts. */
export async function logStatements(pool: pg.Pool): Promise<void> {
  await pool.query(`DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET log_statement = ''all''', current_database());
    EXECUTE format('ALTER DATABASE %I SET client_min_messages = ''log''', current_database());
  END $$`);
}

/** Hears what PostgreSQL tells the connections of servers in this process, whatever code has asked for it. */
export class StatementLog implements Disposable {
  #statements: LoggedStatement[] = [];

  readonly #hear = (client: pg.Client, message: string) => {
    const statement = parse(client, message);
    if (statement !== null) this.#statements.push(statement);
  };

  constructor() {
    listeners.add(this.#hear);
    pg.Client.prototype.emit = emitAndTell;
  }

  /** What has been executed since the last `during` began. */
  get soFar(): readonly LoggedStatement[] {
    return this.#statements;
  }

  /** What was executed while `work` ran. */
  async during(work: () => Promise<unknown>): Promise<readonly LoggedStatement[]> {
    this.#statements = [];
    await work();
    return this.#statements;
  }

  [Symbol.dispose](): void {
    listeners.delete(this.#hear);
    if (listeners.size === 0) Reflect.deleteProperty(pg.Client.prototype, 'emit');
  }
}

const listeners = new Set<(client: pg.Client, message: string) => void>();

function emitAndTell(this: pg.Client, event: string | symbol, ...rest: unknown[]): boolean {
  if (event === 'notice') for (const hear of listeners) hear(this, (rest[0] as Error).message);
  return EventEmitter.prototype.emit.call(this, event, ...rest);
}

function parse(client: pg.Client, message: string): LoggedStatement | null {
  const { connectionParameters, processID, port } = client as unknown as {
    connectionParameters: { application_name?: string };
    port: number;
    processID: number;
  };
  const [, how, name, text] = /^(statement|execute (.+?)): (.*)$/s.exec(message) ?? [];
  if (connectionParameters.application_name !== SERVER || how === undefined || text === undefined)
    return null;
  if (BACKGROUND.has(name)) return null;
  const line = text.trim().replace(/\s+/g, ' ');
  return {
    kind: TRANSACTION.test(line) ? line : (line.split(' ', 1)[0] as string),
    name: name === undefined || name === '<unnamed>' ? null : name,
    text,
    connection: processID,
    port,
  };
}
