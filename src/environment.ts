/** One variable of the environment. */
export interface Variable<Value> {
  /** For .env.example. */
  readonly description: string;
  /** As it would be written in the environment; `undefined` where there is no default. */
  readonly fallback: string | undefined;
  /** Completes "PORT takes …". */
  readonly takes: string;
  /** `undefined` when the text is not what it takes. */
  readonly parse: (text: string) => Value | undefined;
  /** Never to be repeated in a message. */
  readonly secret?: boolean;
}

/** A variable that always has a value. */
interface WithDefault<Value> extends Variable<Value> {
  readonly fallback: string;
}

/** RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
export const MIN_SECRET_CHARACTERS = 32;

const POSTGRES = ['postgres:', 'postgresql:'];
const POSTGRES_EXAMPLE = 'postgres://user:password@host:5432/database';

/** All of them, in the order of .env.example, which is generated from this table. */
export const VARIABLES = {
  HOST: withDefault('127.0.0.1', text('The address to listen on; 0.0.0.0 for every one.')),
  PORT: withDefault('4000', wholeNumber('The port to listen on; 0 for any free one.', 0, 65_535)),
  NODE_ENV: withDefault(
    'development',
    oneOf('In production there is no GraphiQL.', ['development', 'production', 'test']),
  ),
  LOG_LEVEL: withDefault(
    'info',
    oneOf('The least severe lines to log.', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  ),

  DATABASE_URL: address(
    'The PostgreSQL database, version 15 or later. Without it an embedded one is started, with demo data.',
    POSTGRES,
    POSTGRES_EXAMPLE,
  ),
  DATABASE_DIRECT_URL: address(
    'The same database without a pooler in between, for migrations and LISTEN. By default DATABASE_URL.',
    POSTGRES,
    POSTGRES_EXAMPLE,
  ),
  DATABASE_POOL_SIZE: withDefault(
    '10',
    wholeNumber('How many connections this process opens at most.', 2, 1_000),
  ),
  DATABASE_POOL_WAIT_MS: withDefault('5000', duration('How long a request waits for a connection.', 100)),
  DATABASE_STATEMENT_TIMEOUT_MS: withDefault('10000', duration('How long one SQL statement may take.', 100)),
  DATABASE_LOCK_TIMEOUT_MS: withDefault('5000', duration('How long a statement waits for a lock.', 100)),
  DATA_DIR: withDefault('.data', text('Where the embedded database and its secrets are kept.')),

  EVENT_BUS: oneOf(
    'How nodes tell each other of news: memory (one node alone) or postgres (LISTEN and NOTIFY). By default postgres when DATABASE_URL is set, else memory.',
    ['memory', 'postgres'],
  ),
  READ_STRATEGY: withDefault('normalized', oneOf('How messages are read.', ['normalized'])),
  INBOX_RETENTION_DAYS: withDefault(
    '30',
    wholeNumber(
      'For how long a subscription can be resumed, and an idempotency key is remembered.',
      1,
      36_500,
    ),
  ),

  AUTH_JWT_SECRET: {
    ...text('The secret of HS256 tokens. Needed with DATABASE_URL, unless AUTH_JWKS_URL is set.'),
    takes: `a secret, in production of at least ${MIN_SECRET_CHARACTERS} characters`,
    secret: true,
  } satisfies Variable<string>,
  AUTH_JWKS_URL: address(
    'Where the public keys of RS256, ES256 and EdDSA tokens are found (RFC 7517).',
    ['https:', 'http:'],
    'https://issuer.example/.well-known/jwks.json',
  ),
  AUTH_ISSUER: text('The issuer that a token must name (claim iss). By default any.'),
  AUTH_AUDIENCE: text('The audience that a token must name (claim aud). By default any.'),
  AUTH_PROVISION_USERS: withDefault('false', flag('Whether the unknown sub of a good token becomes a user.')),
  ALLOWED_ORIGINS: withDefault(
    '',
    origins(
      'Which other web origins may call, separated by commas. By default only pages from this server itself.',
    ),
  ),

  MAX_BODY_BYTES: withDefault(
    '262144',
    wholeNumber('How large an HTTP body or a socket message may be.', 1_024, 104_857_600),
  ),
  SHUTDOWN_TIMEOUT_MS: withDefault(
    '10000',
    duration('How long a stopping server waits for running operations.', 0),
  ),
} as const;

type Table = typeof VARIABLES;

/** The parsed value of each variable. */
export type Values = {
  readonly [Name in keyof Table]: Table[Name] extends WithDefault<infer Value>
    ? Value
    : Table[Name] extends Variable<infer Value>
      ? Value | undefined
      : never;
};

function withDefault<Value>(fallback: string, variable: Variable<Value>): WithDefault<Value> {
  return { ...variable, fallback };
}

function text(description: string): Variable<string> {
  return { description, fallback: undefined, takes: 'a text', parse: (value) => value };
}

function address(description: string, protocols: readonly string[], example: string): Variable<string> {
  return {
    ...text(description),
    takes: `an address such as ${example}`,
    parse: (value) =>
      URL.canParse(value) && protocols.includes(new URL(value).protocol) ? value : undefined,
    // It may hold a password.
    secret: true,
  };
}

function wholeNumber(description: string, least: number, most: number): Variable<number> {
  return {
    description,
    fallback: undefined,
    takes: `a whole number from ${least} to ${most}`,
    parse: (value) => (/^\d{1,15}$/.test(value) && +value >= least && +value <= most ? +value : undefined),
  };
}

function duration(description: string, leastMs: number): Variable<number> {
  const milliseconds = wholeNumber(description, leastMs, 600_000);
  return { ...milliseconds, takes: `${milliseconds.takes} (milliseconds)` };
}

function oneOf<const Choice extends string>(
  description: string,
  choices: readonly Choice[],
): Variable<Choice> {
  return {
    description,
    fallback: undefined,
    takes: choices.length === 1 ? `only "${choices[0]}"` : `one of ${choices.join(', ')}`,
    parse: (value) => choices.find((choice) => choice === value),
  };
}

function flag(description: string): Variable<boolean> {
  return {
    ...oneOf(description, ['true', 'false']),
    parse: (value) => ({ true: true, false: false })[value],
  };
}

function origins(description: string): Variable<readonly string[]> {
  return {
    description,
    fallback: undefined,
    takes: 'origins such as https://chat.example, separated by commas',
    parse(value) {
      const found = value.split(',').flatMap((origin) => origin.trim() || []);
      return found.every(isOrigin) ? found : undefined;
    },
  };
}

/** As browsers write it. There are no wildcards; one would be taken for a host's name, and never match. */
function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text;
}
