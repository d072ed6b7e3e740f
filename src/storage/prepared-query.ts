import pg from 'pg';
import { timestampFromPostgres } from '../lib/rfc3339.ts';
import type { Statement } from './statement.ts';

/** What pg's own queries use of a connection, and other packages' (pg-cursor, pg-query-stream). */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Record<string, string | undefined>;
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(values: { readonly statement: string; readonly values: readonly unknown[] }): void;
  describe(portal: typeof UNNAMED_PORTAL): void;
  execute(): void;
  sync(): void;
}

/** Makes a column's value of its text; `null` where the text is the value. */
type Parser = ((text: string) => unknown) | null;

const UNNAMED_PORTAL = { type: 'P', name: '' } as const;

const [INT8, TEXT, TIMESTAMPTZ] = [20, 25, 1184];

/** As pg does it, except that a time stays text with its microseconds, in the API's own form. */
function parserOf(oid: number): Parser {
  if (oid === TEXT || oid === INT8) return null;
  return oid === TIMESTAMPTZ ? timestampFromPostgres : pg.types.getTypeParser(oid);
}

/** `utils` is not in its types. */
const { prepareValue } = (
  pg as unknown as { utils: { prepareValue: (value: unknown) => string | Buffer | null } }
).utils;

/** In the literal of an array these stand for themselves: numbers and times. */
const PLAIN = /^(?:\d[\dTZ.:+-]*|-?infinity)$/;

/** What pg would write; it looks for what to escape in each element of an array. */
function parameterOf(value: unknown): string | Buffer | null {
  return Array.isArray(value) && value.every(isPlain) ? `{${value.join()}}` : prepareValue(value);
}

function isPlain(element: unknown): boolean {
  return typeof element === 'number' || (typeof element === 'string' && PLAIN.test(element));
}

/** The parsers of the columns of those statements, by name, that a connection has prepared. */
const known = new WeakMap<Connection, Map<string, readonly Parser[]>>();

/**
 * One execution of a statement, for the `query` of pg's pools and clients. PostgreSQL says once for each connection which
 * columns a prepared statement has, for they cannot change; pg's own queries ask each time, and look the parser of each
 * column up. Rows are made as they come.
 */
export class PreparedQuery<Row> implements pg.Submittable {
  readonly name: string;
  readonly text: string;
  /** Of pg, which sets it if nobody has. */
  callback: ((error: unknown, rows?: readonly Row[]) => void) | undefined;
  /** As pg calls it. */
  readonly query_timeout: number | undefined;
  readonly #statement: Statement<Row>;
  readonly #values: readonly (string | Buffer | null)[];
  readonly #rows: Row[] = [];
  #connection: Connection | null = null;
  #parsers: readonly Parser[] | undefined;
  #failure: unknown;

  /** @throws when a value cannot be written for PostgreSQL */
  constructor(statement: Statement<Row>, values: readonly unknown[]) {
    this.name = statement.name;
    this.text = statement.text;
    this.query_timeout = statement.timeoutMs;
    this.#statement = statement;
    this.#values = values.map(parameterOf);
  }

  /** @returns what pg is to tell the caller, if it cannot be sent */
  submit(connection: pg.Connection): Error | null {
    const wire = connection as unknown as Connection;
    const prepared = wire.parsedStatements[this.name];
    if (prepared !== undefined && prepared !== this.text)
      return new Error(`Another statement has been prepared as "${this.name}".`);
    this.#connection = wire;
    // Behind a pooler none has been prepared: each time it is parsed, it is described.
    if (prepared !== undefined) this.#parsers = known.get(wire)?.get(this.name);
    // One packet, not one for each message.
    wire.stream.cork();
    try {
      if (prepared === undefined) wire.parse(this);
      wire.bind({ statement: this.name, values: this.#values });
      if (this.#parsers === undefined) wire.describe(UNNAMED_PORTAL);
      wire.execute();
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
    return null;
  }

  handleRowDescription({ fields }: { readonly fields: readonly { readonly dataTypeID: number }[] }): void {
    this.#parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
    const connection = this.#connection as Connection;
    const byName = known.get(connection) ?? new Map();
    known.set(connection, byName.set(this.name, this.#parsers));
  }

  handleDataRow({ fields }: { readonly fields: unknown[] }): void {
    if (this.#failure !== undefined) return;
    const parsers = this.#parsers as readonly Parser[];
    try {
      for (let i = 0; i < fields.length; i++) {
        const parse = parsers[i];
        if (parse && fields[i] !== null) fields[i] = parse(fields[i] as string);
      }
      this.#rows.push(this.#statement.row(fields));
    } catch (error) {
      this.#failure = error;
    }
  }

  handleReadyForQuery(): void {
    if (this.#failure === undefined) this.callback?.(null, this.#rows);
    else this.callback?.(this.#failure);
  }

  handleError(error: unknown): void {
    this.callback?.(error);
  }

  handleCommandComplete(): void {}
}
