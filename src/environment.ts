import {
  address,
  addresses,
  duration,
  flag,
  oneOf,
  origins,
  text,
  type Variable,
  type WithDefault,
  wholeNumber,
  withDefault,
} from './lib/environment-variable.ts';

/** RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
export const MIN_SECRET_CHARACTERS = 32;

const POSTGRES = ['postgres:', 'postgresql:'];
const POSTGRES_EXAMPLE = 'postgres://user:password@host:5432/database';

/**
 * All of them, in the order of .env.example, which is generated from this table. Long as it is, it is one: whoever looks
 * for a setting, its default or its bounds looks here, and nowhere else.
 */
export const VARIABLES = {
  HOST: withDefault('127.0.0.1', text('The address to listen on; 0.0.0.0 for every one.')),
  PORT: withDefault('4000', wholeNumber('The port to listen on; 0 for any free one.', 0, 65_535)),
  NODE_ENV: withDefault(
    'development',
    oneOf('In production there is no GraphiQL and no introspection, and rates are limited.', [
      'development',
      'production',
      'test',
    ]),
  ),
  LOG_LEVEL: withDefault(
    'info',
    oneOf('The least severe lines to log.', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  ),

  DATABASE_URL: address(
    'The PostgreSQL database, version 15 or later, or a pooler before it such as PgBouncer; then DATABASE_DIRECT_URL is needed too. Without it an embedded one is started, with demo data.',
    POSTGRES,
    POSTGRES_EXAMPLE,
  ),
  DATABASE_DIRECT_URL: address(
    'The same database without a pooler in between, for migrations and LISTEN. By default DATABASE_URL. If it names another host or port, DATABASE_URL is taken for a pooler, in transaction mode (or session mode, not statement mode).',
    POSTGRES,
    POSTGRES_EXAMPLE,
  ),
  DATABASE_REPLICA_URLS: addresses(
    'Hot standbys of that database by streaming replication, each without a pooler in between. What a viewer reads comes from one that has all of their news; everything else from the primary.',
    POSTGRES,
    POSTGRES_EXAMPLE,
  ),
  DATABASE_REPLICA_MAX_LAG_MS: withDefault(
    '30000',
    duration(
      'How far behind a standby may be before it is left; a report, and the names beside messages, can be as old as this.',
      1_000,
    ),
  ),
  DATABASE_POOL_SIZE: withDefault(
    '10',
    wholeNumber('How many connections this process opens at most, to each database server.', 2, 1_000),
  ),
  DATABASE_POOL_WAIT_MS: withDefault('5000', duration('How long a request waits for a connection.', 100)),
  DATABASE_STATEMENT_TIMEOUT_MS: withDefault('10000', duration('How long one SQL statement may take.', 100)),
  DATABASE_LOCK_TIMEOUT_MS: withDefault('5000', duration('How long a statement waits for a lock.', 100)),
  DATABASE_IDLE_TRANSACTION_TIMEOUT_MS: withDefault(
    '30000',
    duration('How long a transaction may wait for its next statement.', 100),
  ),
  DATA_DIR: withDefault('.data', text('Where the embedded database and its secrets are kept.')),

  EVENT_BUS: oneOf(
    'How nodes tell each other of news: memory (one node alone), postgres (LISTEN and NOTIFY) or redis (PUBLISH and SUBSCRIBE). By default postgres when DATABASE_URL is set, else memory.',
    ['memory', 'postgres', 'redis'],
  ),
  REDIS_URL: address(
    'The Redis that nodes share, version 6 or later; with TLS it is rediss:. Needed with EVENT_BUS=redis and READ_STRATEGY=cached. It is never waited for: while it is away news take until the next sweep, and everything is read from the database.',
    ['redis:', 'rediss:'],
    'redis://user:password@host:6379',
  ),
  READ_STRATEGY: withDefault(
    'normalized',
    oneOf(
      "How messages are read: from the tables as they are (normalized), with names from the messages' own rows (denormalized), a conversation's newest ones from the Redis of REDIS_URL (cached), or pages from a view that is refreshed hourly (materialized). docs/scaling.md has what each needs and costs.",
      ['normalized', 'denormalized', 'cached', 'materialized'],
    ),
  ),
  FAST_PATH: withDefault(
    'on',
    oneOf(
      'Whether operations that come again take the short way; off has the same answers from Yoga and graphql alone, for comparing.',
      ['on', 'off'],
    ),
  ),
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
  AUTH_JWKS_MAX_AGE_MS: withDefault(
    '600000',
    duration('For how long a key is still accepted, at most, after its issuer has removed it.', 100),
  ),
  AUTH_JWKS_OUTAGE_MS: withDefault(
    '3600000',
    duration('For how long known keys are used while the issuer does not answer.', 100, 86_400_000),
  ),
  AUTH_JWKS_COOLDOWN_MS: withDefault(
    '5000',
    duration(
      'The least time between two fetches of the keys. A token with an unknown key asks for one.',
      100,
    ),
  ),
  AUTH_JWKS_TIMEOUT_MS: withDefault('5000', duration('How long fetching the keys may take.', 100)),
  AUTH_CLOCK_SKEW_MS: withDefault(
    '30000',
    duration('By how much nbf and iat of a token may lie in the future. exp has no such grace.', 0),
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
  REQUEST_TIMEOUT_MS: withDefault('30000', duration('How long an HTTP request may take to arrive.', 1_000)),
  HTTP_IDLE_TIMEOUT_MS: withDefault(
    '60000',
    duration(
      'How long a connection may neither bring nor take anything, as of a client that does not read its answer. More than a report takes, and than the 12 s between the signs of life of an event stream.',
      1_000,
    ),
  ),
  MAX_DOCUMENT_TOKENS: withDefault(
    '2000',
    wholeNumber('How many names, numbers, texts and signs a GraphQL document may have.', 100, 20_000),
  ),
  MAX_DOCUMENT_DEPTH: withDefault(
    '16',
    wholeNumber("How deep fields may be nested; GraphiQL's introspection takes 15.", 3, 1_000),
  ),
  MAX_DOCUMENT_ALIASES: withDefault(
    '50',
    wholeNumber('How many aliases an operation may have, its fragments counted at each use.', 0, 10_000),
  ),
  MAX_DOCUMENT_DIRECTIVES: withDefault(
    '50',
    wholeNumber('How many directives an operation may have, its fragments counted at each use.', 0, 10_000),
  ),
  MAX_FIELD_REPEATS: withDefault(
    '20',
    wholeNumber('How often one field may stand in one selection, under whatever alias.', 1, 10_000),
  ),
  MAX_QUERY_COST: withDefault(
    '250000',
    wholeNumber(
      'How many values an answer may have, if all its pages are full. A message text counts as 10.',
      100,
      100_000_000,
    ),
  ),
  MAX_ANSWER_CHARACTERS: withDefault(
    '5000000',
    wholeNumber("How long the messages' texts in one answer may be together.", 1_000_000, 1_000_000_000),
  ),
  MAX_SOCKET_OPERATIONS: withDefault(
    '100',
    wholeNumber('How many operations may run on one socket at a time.', 1, 10_000),
  ),
  MAX_SOCKET_SUBSCRIPTIONS: withDefault(
    '100',
    wholeNumber('How many of them may be subscriptions.', 1, 10_000),
  ),
  MAX_SOCKET_BUFFERED_BYTES: withDefault(
    '4194304',
    wholeNumber(
      'What may wait for a client that does not read, until its socket is cut.',
      65_536,
      1_073_741_824,
    ),
  ),
  MAX_VIEWER_SOCKETS: withDefault(
    '200',
    wholeNumber('How many sockets of one user a node keeps.', 1, 1_000_000),
  ),
  MAX_VIEWER_SUBSCRIPTIONS: withDefault(
    '400',
    wholeNumber(
      'How many subscriptions of one user a node serves, on sockets and event streams.',
      1,
      1_000_000,
    ),
  ),
  SOCKET_INIT_TIMEOUT_MS: withDefault(
    '3000',
    duration('How long a new socket may take to say who it is (connection_init).', 100),
  ),
  SOCKET_IDLE_TIMEOUT_MS: withDefault(
    '300000',
    duration('How long a socket may stay without any operation.', 100),
  ),
  RATE_LIMITS: oneOf('Whether each user is held to the rates below. By default on in production, else off.', [
    'on',
    'off',
  ]),
  RATE_LIMIT_QUERIES: withDefault('600', rate('Queries a user may ask in a minute.')),
  RATE_LIMIT_QUERY_COST: withDefault(
    '2500000',
    rate('What they may cost together, counted as for MAX_QUERY_COST.'),
  ),
  RATE_LIMIT_MUTATIONS: withDefault('300', rate('Mutations a user may make in a minute.')),
  RATE_LIMIT_SUBSCRIPTIONS: withDefault('120', rate('Subscriptions a user may begin in a minute.')),
  INTROSPECTION: oneOf('Whether clients can read the schema. By default off in production, else on.', [
    'on',
    'off',
  ]),
  OPERATIONS: withDefault(
    'any',
    oneOf('Which operations may be run: any, or only those listed in OPERATIONS_FILE.', ['any', 'listed']),
  ),
  OPERATIONS_FILE: text(
    'A JSON file of operations that clients can run by their ids: {"id": "document", …}.',
  ),
  SHUTDOWN_DELAY_MS: withDefault(
    '0',
    duration(
      'How long a stopping server answers /health/ready with 503, and serves all the same, before it closes its port. Behind a load balancer: longer than that takes to notice.',
      0,
    ),
  ),
  SHUTDOWN_TIMEOUT_MS: withDefault(
    '10000',
    duration('How long a stopping server then waits for running operations.', 0),
  ),
  SHUTDOWN_SPREAD_MS: withDefault(
    '5000',
    duration(
      'Over how long at most a stopping server closes its sockets and event streams, 1 ms for each, so that their clients do not all come back at once.',
      0,
    ),
  ),
} as const;

function rate(description: string) {
  return wholeNumber(description, 1, 1_000_000_000);
}

type Table = typeof VARIABLES;

/** The parsed value of each variable. */
export type Values = {
  readonly [Name in keyof Table]: Table[Name] extends WithDefault<infer Value>
    ? Value
    : Table[Name] extends Variable<infer Value>
      ? Value | undefined
      : never;
};
