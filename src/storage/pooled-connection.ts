import type { SessionSettings } from './session-settings.ts';

/** What pg's client says on its connection, and what it hears there. */
interface Connection {
  parsedStatements: object;
  submittedNamedStatements: object;
  query(text: string): void;
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(values: { readonly statement: string; readonly values: readonly unknown[] }): void;
  execute(portal?: object): void;
  emit(event: string, message?: { readonly status?: string; readonly text?: string }): boolean;
}

const BEGINS = /^\s*(BEGIN|START\s+TRANSACTION)\b/i;
/** Of ReadyForQuery: no transaction is open. */
const IDLE = 'I';

/**
 * Makes pg's connection fit for a pooler in transaction mode, where each transaction may meet another session of the
 * database, one that other programs have used and will use:
 * - Each transaction sets what it needs, until its own end, sent together with its first statement: no round trip more. A
 *   statement on its own is a transaction up to its Sync (PostgreSQL's protocol, "Pipelining").
 * - No statement has a name: who asks for one gets it parsed each time. Under a name it would be looked for where it is
 *   not, or be there already, another program's perhaps.
 */
export function usePooledSessions(connection: object, settings: SessionSettings): void {
  const wire = connection as Connection;
  const { query, parse, bind, emit } = wire;
  const setLocals = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = '${value}'`);
  const setConfigs = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', '${value}', true)`,
  );
  const setAll = { name: '', text: `SELECT ${setConfigs}` };
  let inTransaction = false;
  /** Answers to what nobody has asked for: so many completions with this tag, and their rows. */
  let hidden = { tag: '', count: 0 };

  wire.query = (text) => {
    if (inTransaction) return query.call(wire, text);
    hidden = { tag: 'SET', count: setLocals.length };
    // After BEGIN, as they would end with the statement before it; it must come first to choose its isolation, too.
    const all = BEGINS.test(text) ? [text, ...setLocals] : [...setLocals, text];
    query.call(wire, all.join('; '));
  };
  wire.parse = (statement) => {
    if (!inTransaction) {
      hidden = { tag: 'SELECT 1', count: 1 };
      // SET LOCAL would warn each time that it is not in a transaction block.
      parse.call(wire, setAll);
      bind.call(wire, { statement: '', values: [] });
      wire.execute();
    }
    parse.call(wire, { ...statement, name: '' });
  };
  wire.bind = (values) => bind.call(wire, { ...values, statement: '' });
  wire.parsedStatements = forgetful();
  wire.submittedNamedStatements = forgetful();

  wire.emit = (event, message) => {
    if (event === 'readyForQuery') {
      inTransaction = message?.status !== IDLE;
      hidden = { tag: '', count: 0 };
    }
    if (hidden.count > 0 && event === 'dataRow') return true;
    if (hidden.count > 0 && event === 'commandComplete' && message?.text === hidden.tag) {
      hidden.count--;
      return true;
    }
    return emit.call(wire, event, message);
  };
}

/** Where pg notes which statements a connection has prepared: none is ever there. */
function forgetful(): object {
  return new Proxy({}, { set: () => true });
}
