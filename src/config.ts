import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type EmbeddedDatabase,
  type ExternalDatabase,
  externalDatabase,
  type OperatorsDatabase,
  replicaUrlsIn,
} from './database-config.ts';
import { MIN_SECRET_CHARACTERS, VARIABLES, type Values } from './environment.ts';
import { ConfigError, readVariable } from './lib/environment-variable.ts';
import { cacheUrlOf, type EventBus, eventBusOf } from './redis-config.ts';

/** The environment with its meaning. Everything else is given its part of this, and reads no variables. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly production: boolean;
  readonly logLevel: Values['LOG_LEVEL'];
  readonly database: EmbeddedDatabase | ExternalDatabase;
  readonly pool: {
    readonly size: number;
    readonly waitMs: number;
    readonly statementTimeoutMs: number;
    readonly lockTimeoutMs: number;
    readonly idleTransactionTimeoutMs: number;
  };
  readonly replicas: {
    readonly urls: readonly string[];
    readonly maxLagMs: number;
  };
  readonly eventBus: EventBus;
  readonly readStrategy: Values['READ_STRATEGY'];
  /** Where messages are kept besides; `null` unless they are `cached`. */
  readonly cacheUrl: string | null;
  readonly fastPath: boolean;
  readonly retentionDays: number;
  readonly auth: AuthConfig;
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly requestTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly documents: DocumentConfig;
  readonly sockets: SocketConfig;
  readonly maxViewerSubscriptions: number;
  /** `null` when they are off. */
  readonly rates: RateConfig | null;
  readonly shutdown: {
    readonly delayMs: number;
    readonly timeoutMs: number;
    readonly spreadMs: number;
  };
}

interface DocumentConfig {
  readonly maxTokens: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  readonly maxFieldRepeats: number;
  readonly maxCost: number;
  readonly maxAnswerCharacters: number;
  readonly introspection: boolean;
  /** Whether only listed operations are run. */
  readonly onlyListed: boolean;
  /** Absolute; `null` when no operations are listed. */
  readonly listFile: string | null;
}

interface SocketConfig {
  readonly maxOperations: number;
  readonly maxSubscriptions: number;
  readonly maxBufferedBytes: number;
  readonly maxPerViewer: number;
  readonly initTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** For each user, in a minute. */
interface RateConfig {
  /** Where all nodes count together; `null` when each counts for itself. */
  readonly redisUrl: string | null;
  readonly queries: number;
  readonly queryCost: number;
  readonly mutations: number;
  readonly subscriptions: number;
}

interface AuthConfig {
  /** `null` in the embedded default, until one has been made and kept. */
  readonly secret: string | null;
  readonly jwks: JwksConfig | null;
  readonly clockSkewMs: number;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly provisionUsers: boolean;
}

interface JwksConfig {
  readonly url: string;
  readonly maxAgeMs: number;
  readonly outageMs: number;
  readonly cooldownMs: number;
  readonly timeoutMs: number;
}

/** @throws ConfigError on the first wrong setting. */
export function loadConfig(environment: NodeJS.ProcessEnv = readEnvironment()): Config {
  const value = readValues(environment);
  const { DATABASE_URL: url, AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwksUrl } = value;
  if (url === undefined && value.DATABASE_DIRECT_URL !== undefined)
    throw new ConfigError('DATABASE_DIRECT_URL is of use only together with DATABASE_URL; set that too.');
  const replicaUrls = replicaUrlsIn(value);
  if (url !== undefined && secret === undefined && jwksUrl === undefined)
    throw new ConfigError(
      `AUTH_JWT_SECRET is missing; with DATABASE_URL it takes ${VARIABLES.AUTH_JWT_SECRET.takes}, or set AUTH_JWKS_URL.`,
    );
  if (value.OPERATIONS === 'listed' && value.OPERATIONS_FILE === undefined)
    throw new ConfigError(
      'OPERATIONS_FILE is missing; with OPERATIONS=listed it takes the file of that list.',
    );
  const production = value.NODE_ENV === 'production';
  if (production && secret !== undefined && secret.length < MIN_SECRET_CHARACTERS)
    throw new ConfigError(`AUTH_JWT_SECRET takes ${VARIABLES.AUTH_JWT_SECRET.takes}.`);
  return {
    host: value.HOST,
    port: value.PORT,
    production,
    logLevel: value.LOG_LEVEL,
    database:
      url === undefined
        ? { kind: 'embedded', directory: resolve(value.DATA_DIR) }
        : externalDatabase(url, value.DATABASE_DIRECT_URL ?? url),
    pool: {
      size: value.DATABASE_POOL_SIZE,
      waitMs: value.DATABASE_POOL_WAIT_MS,
      statementTimeoutMs: value.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: value.DATABASE_LOCK_TIMEOUT_MS,
      idleTransactionTimeoutMs: value.DATABASE_IDLE_TRANSACTION_TIMEOUT_MS,
    },
    replicas: { urls: replicaUrls, maxLagMs: value.DATABASE_REPLICA_MAX_LAG_MS },
    eventBus: eventBusOf(value),
    readStrategy: value.READ_STRATEGY,
    cacheUrl: cacheUrlOf(value),
    fastPath: value.FAST_PATH === 'on',
    retentionDays: value.INBOX_RETENTION_DAYS,
    auth: {
      secret: secret ?? null,
      jwks:
        jwksUrl === undefined
          ? null
          : {
              url: jwksUrl,
              maxAgeMs: value.AUTH_JWKS_MAX_AGE_MS,
              outageMs: value.AUTH_JWKS_OUTAGE_MS,
              cooldownMs: value.AUTH_JWKS_COOLDOWN_MS,
              timeoutMs: value.AUTH_JWKS_TIMEOUT_MS,
            },
      clockSkewMs: value.AUTH_CLOCK_SKEW_MS,
      issuer: value.AUTH_ISSUER ?? null,
      audience: value.AUTH_AUDIENCE ?? null,
      provisionUsers: value.AUTH_PROVISION_USERS,
    },
    allowedOrigins: value.ALLOWED_ORIGINS,
    maxBodyBytes: value.MAX_BODY_BYTES,
    requestTimeoutMs: value.REQUEST_TIMEOUT_MS,
    idleTimeoutMs: value.HTTP_IDLE_TIMEOUT_MS,
    documents: {
      maxTokens: value.MAX_DOCUMENT_TOKENS,
      maxDepth: value.MAX_DOCUMENT_DEPTH,
      maxAliases: value.MAX_DOCUMENT_ALIASES,
      maxDirectives: value.MAX_DOCUMENT_DIRECTIVES,
      maxFieldRepeats: value.MAX_FIELD_REPEATS,
      maxCost: value.MAX_QUERY_COST,
      maxAnswerCharacters: value.MAX_ANSWER_CHARACTERS,
      introspection: (value.INTROSPECTION ?? (production ? 'off' : 'on')) === 'on',
      onlyListed: value.OPERATIONS === 'listed',
      listFile: value.OPERATIONS_FILE === undefined ? null : resolve(value.OPERATIONS_FILE),
    },
    sockets: {
      maxOperations: value.MAX_SOCKET_OPERATIONS,
      maxSubscriptions: value.MAX_SOCKET_SUBSCRIPTIONS,
      maxBufferedBytes: value.MAX_SOCKET_BUFFERED_BYTES,
      maxPerViewer: value.MAX_VIEWER_SOCKETS,
      initTimeoutMs: value.SOCKET_INIT_TIMEOUT_MS,
      idleTimeoutMs: value.SOCKET_IDLE_TIMEOUT_MS,
    },
    maxViewerSubscriptions: value.MAX_VIEWER_SUBSCRIPTIONS,
    rates:
      (value.RATE_LIMITS ?? (production ? 'on' : 'off')) === 'off'
        ? null
        : {
            redisUrl: value.REDIS_URL ?? null,
            queries: value.RATE_LIMIT_QUERIES,
            queryCost: value.RATE_LIMIT_QUERY_COST,
            mutations: value.RATE_LIMIT_MUTATIONS,
            subscriptions: value.RATE_LIMIT_SUBSCRIPTIONS,
          },
    shutdown: {
      delayMs: value.SHUTDOWN_DELAY_MS,
      timeoutMs: value.SHUTDOWN_TIMEOUT_MS,
      spreadMs: value.SHUTDOWN_SPREAD_MS,
    },
  };
}

/** The database for migrations, when one is set: they need no other setting. @throws ConfigError */
export function loadDirectUrl(environment: NodeJS.ProcessEnv = readEnvironment()): string | null {
  return readValue(environment, 'DATABASE_DIRECT_URL') ?? readValue(environment, 'DATABASE_URL') ?? null;
}

/** The one that is set, else the embedded one of DATA_DIR. @throws ConfigError */
export function loadDatabase(environment: NodeJS.ProcessEnv = readEnvironment()): OperatorsDatabase {
  const directUrl = loadDirectUrl(environment);
  return directUrl === null
    ? { kind: 'embedded', directory: resolve(readValue(environment, 'DATA_DIR')) }
    : { kind: 'external', directUrl };
}

/** READ_STRATEGY. @throws ConfigError */
export function loadReadStrategy(environment: NodeJS.ProcessEnv = readEnvironment()): Config['readStrategy'] {
  return readValue(environment, 'READ_STRATEGY');
}

function readEnvironment(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // biome-ignore lint/style/noProcessEnv: the only place that reads it
  return process.env;
}

function readValues(environment: NodeJS.ProcessEnv): Values {
  const names = Object.keys(VARIABLES) as (keyof Values)[];
  return Object.fromEntries(names.map((name) => [name, readValue(environment, name)])) as unknown as Values;
}

function readValue<Name extends keyof Values>(environment: NodeJS.ProcessEnv, name: Name): Values[Name] {
  return readVariable(name, VARIABLES[name], environment[name]) as Values[Name];
}
