import type { Values } from './environment.ts';
import { ConfigError } from './lib/environment-variable.ts';
import { serverAt } from './lib/postgres-address.ts';

// What the addresses of databases mean, and what they must not name.

export interface EmbeddedDatabase {
  readonly kind: 'embedded';
  /** Absolute. */
  readonly directory: string;
}

export interface ExternalDatabase {
  readonly kind: 'external';
  readonly url: string;
  /** The database itself. */
  readonly directUrl: string;
  /** Whether `url` is a pooler's, as it names another server than `directUrl`. */
  readonly pooled: boolean;
}

/** A database as commands for people need it: without any other setting of a server. */
export type OperatorsDatabase = EmbeddedDatabase | Pick<ExternalDatabase, 'kind' | 'directUrl'>;

/** Of an address; a pooler refuses or loses them. */
const SESSION_PARAMETERS = [
  'options',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
];

export function externalDatabase(url: string, directUrl: string): ExternalDatabase {
  const pooled = serverAt(url) !== serverAt(directUrl);
  const { searchParams } = new URL(url);
  const lost = pooled && SESSION_PARAMETERS.find((name) => searchParams.has(name));
  if (lost)
    throw new ConfigError(
      `DATABASE_URL is a pooler's, as DATABASE_DIRECT_URL names another server: it takes no "${lost}"; give the role that setting (ALTER ROLE … SET …).`,
    );
  return { kind: 'external', url, directUrl, pooled };
}

/** Whether they are standbys is seen when they are asked. */
export function replicaUrlsIn({
  DATABASE_REPLICA_URLS: urls = [],
  DATABASE_URL: url,
  DATABASE_DIRECT_URL: directUrl,
}: Values): readonly string[] {
  if (urls.length > 0 && url === undefined)
    throw new ConfigError('DATABASE_REPLICA_URLS is of use only together with DATABASE_URL; set that too.');
  const primary = new Set([url, directUrl].flatMap((each) => (each === undefined ? [] : databaseAt(each))));
  const named = new Set<string>();
  for (const place of urls.map(databaseAt)) {
    if (primary.has(place))
      throw new ConfigError(
        `DATABASE_REPLICA_URLS names ${place}, which is the primary; it takes addresses of its standbys.`,
      );
    if (named.has(place))
      throw new ConfigError(`DATABASE_REPLICA_URLS names ${place} twice; it takes each standby once.`);
    named.add(place);
  }
  return urls;
}

function databaseAt(address: string): string {
  return serverAt(address) + new URL(address).pathname;
}
