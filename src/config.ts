import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { MIN_SECRET_CHARACTERS, VARIABLES, type Values, type Variable } from './environment.ts';

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
  };
  readonly eventBus: 'memory' | 'postgres';
  readonly readStrategy: 'normalized';
  readonly retentionDays: number;
  readonly auth: AuthConfig;
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly shutdownTimeoutMs: number;
}

interface EmbeddedDatabase {
  readonly kind: 'embedded';
  /** Absolute. */
  readonly directory: string;
}

interface ExternalDatabase {
  readonly kind: 'external';
  readonly url: string;
  readonly directUrl: string;
}

interface AuthConfig {
  /** `null` in the embedded default, until one has been made and kept. */
  readonly secret: string | null;
  readonly jwksUrl: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly provisionUsers: boolean;
}

/** A setting is wrong; the message is one line that names it and what it takes. */
class ConfigError extends Error {}

/** @throws ConfigError on the first wrong setting. */
export function loadConfig(environment: NodeJS.ProcessEnv = readEnvironment()): Config {
  const value = parseAll(environment);
  const { DATABASE_URL: url, AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwksUrl } = value;
  if (url === undefined && value.DATABASE_DIRECT_URL !== undefined)
    throw new ConfigError('DATABASE_DIRECT_URL is of use only together with DATABASE_URL; set that too.');
  if (url !== undefined && secret === undefined && jwksUrl === undefined)
    throw new ConfigError(
      `AUTH_JWT_SECRET is missing; with DATABASE_URL it takes ${VARIABLES.AUTH_JWT_SECRET.takes}, or set AUTH_JWKS_URL.`,
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
        : { kind: 'external', url, directUrl: value.DATABASE_DIRECT_URL ?? url },
    pool: {
      size: value.DATABASE_POOL_SIZE,
      waitMs: value.DATABASE_POOL_WAIT_MS,
      statementTimeoutMs: value.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: value.DATABASE_LOCK_TIMEOUT_MS,
    },
    eventBus: value.EVENT_BUS ?? (url === undefined ? 'memory' : 'postgres'),
    readStrategy: value.READ_STRATEGY,
    retentionDays: value.INBOX_RETENTION_DAYS,
    auth: {
      secret: secret ?? null,
      jwksUrl: jwksUrl ?? null,
      issuer: value.AUTH_ISSUER ?? null,
      audience: value.AUTH_AUDIENCE ?? null,
      provisionUsers: value.AUTH_PROVISION_USERS,
    },
    allowedOrigins: value.ALLOWED_ORIGINS,
    maxBodyBytes: value.MAX_BODY_BYTES,
    shutdownTimeoutMs: value.SHUTDOWN_TIMEOUT_MS,
  };
}

/** The database for migrations, when one is set: they need no other setting. @throws ConfigError */
export function loadDirectUrl(environment: NodeJS.ProcessEnv = readEnvironment()): string | null {
  const address = (name: 'DATABASE_DIRECT_URL' | 'DATABASE_URL') =>
    parse(name, VARIABLES[name], environment[name]);
  return (address('DATABASE_DIRECT_URL') ?? address('DATABASE_URL') ?? null) as string | null;
}

function readEnvironment(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // biome-ignore lint/style/noProcessEnv: the only place that reads it
  return process.env;
}

function parseAll(environment: NodeJS.ProcessEnv): Values {
  const values = Object.entries(VARIABLES).map(([name, variable]) => [
    name,
    parse(name, variable, environment[name]),
  ]);
  return Object.fromEntries(values) as Values;
}

/** An empty value counts as none, for that is what an empty line in a .env file means. */
function parse(name: string, variable: Variable<unknown>, given: string | undefined): unknown {
  const text = given === undefined || given === '' ? variable.fallback : given;
  if (text === undefined) return undefined;
  const value = variable.parse(text);
  if (value === undefined) {
    const shown = variable.secret ? '' : `, not ${JSON.stringify(text)}`;
    throw new ConfigError(`${name} takes ${variable.takes}${shown}.`);
  }
  return value;
}
