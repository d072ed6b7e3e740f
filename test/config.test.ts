import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { loadConfig, loadDirectUrl } from '../src/config.ts';
import { VARIABLES } from '../src/environment.ts';
import type { Variable } from '../src/lib/environment-variable.ts';

const SECRET = 'a secret for tests, of at least 32 characters';
const EXTERNAL = { DATABASE_URL: 'postgres://u:p@db.example/parley', AUTH_JWT_SECRET: SECRET };

type Entry = readonly [name: string, variable: Variable<unknown>];
const ENTRIES: readonly Entry[] = Object.entries(VARIABLES);
const FREE_TEXTS = ['HOST', 'DATA_DIR', 'AUTH_ISSUER', 'AUTH_AUDIENCE', 'OPERATIONS_FILE'];

/** Nothing here is what any variable takes that is choosy at all. */
const WRONG = [
  'wrong',
  '-1',
  '1.5',
  '999999999999',
  '0x10',
  'TRUE',
  '10s',
  'https://',
  'ftp://a-password@host',
];

describe('a wrong value', () => {
  const choosy = ENTRIES.filter(([name]) => !FREE_TEXTS.includes(name));

  test('is possible for every variable but a few', () => {
    expect(ENTRIES.filter(([, { takes }]) => takes === 'a text').map(([name]) => name)).toEqual(FREE_TEXTS);
  });

  test.each(choosy)('of %s is answered by one line that names it and what it takes', (name, variable) => {
    for (const value of WRONG) {
      const shown = variable.secret ? '' : `, not ${JSON.stringify(value)}`;
      // Production is the choosier one.
      expect(() => loadConfig({ NODE_ENV: 'production', ...EXTERNAL, [name]: value })).toThrow(
        new Error(`${name} takes ${variable.takes}${shown}.`),
      );
    }
  });

  test('of the secret is none outside of production, as long as there is one', () => {
    expect(loadConfig({ ...EXTERNAL, AUTH_JWT_SECRET: 'short' }).auth.secret).toBe('short');
  });

  test('that may hold a password is not repeated', () => {
    for (const name of [
      'DATABASE_URL',
      'DATABASE_DIRECT_URL',
      'DATABASE_REPLICA_URLS',
      'REDIS_URL',
      'AUTH_JWT_SECRET',
      'AUTH_JWKS_URL',
    ] as const)
      expect(VARIABLES[name].secret).toBe(true);
  });

  test.each(['DATABASE_URL', 'REDIS_URL'])(
    'of %s that its client would stumble over is answered by one line, too',
    (name) => {
      const protocol = name === 'REDIS_URL' ? 'redis' : 'postgres';
      for (const value of [`${protocol}:host`, `${protocol}://user:100%@host`, `${protocol}://%zz@host`])
        expect(() => loadConfig({ ...EXTERNAL, [name]: value })).toThrow(
          new RegExp(`^${name} takes an address such as [^%]+$`),
        );
    },
  );

  test('with a line break in it is still answered by one line', () => {
    expect(() => loadConfig({ PORT: '1\n2' })).toThrow(
      'PORT takes a whole number from 0 to 65535, not "1\\n2".',
    );
  });

  test.each(
    ENTRIES.flatMap(([name, { takes }]) => {
      const bounds = /^a whole number from (\d+) to (\d+)/.exec(takes);
      return bounds ? [[name, Number(bounds[1]), Number(bounds[2])] as const] : [];
    }),
  )('%s takes %d to %d, and nothing beyond', (name, least, most) => {
    for (const value of [least, most])
      expect(() => loadConfig({ ...EXTERNAL, [name]: String(value) })).not.toThrow();
    for (const value of [least - 1, most + 1])
      expect(() => loadConfig({ ...EXTERNAL, [name]: String(value) })).toThrow(name);
  });
});

describe('what belongs together', () => {
  test('with DATABASE_URL a secret or a key set is needed', () => {
    const { DATABASE_URL } = EXTERNAL;
    expect(() => loadConfig({ DATABASE_URL })).toThrow(
      /^AUTH_JWT_SECRET is missing; .* or set AUTH_JWKS_URL\.$/,
    );
    expect(() => loadConfig({ DATABASE_URL, AUTH_JWT_SECRET: SECRET })).not.toThrow();
    expect(() => loadConfig({ DATABASE_URL, AUTH_JWKS_URL: 'https://issuer.example/keys' })).not.toThrow();
  });

  test('with EVENT_BUS=redis an address of Redis is needed', () => {
    expect(() => loadConfig({ EVENT_BUS: 'redis' })).toThrow(
      new Error(
        'REDIS_URL is missing; with EVENT_BUS=redis it takes an address such as redis://user:password@host:6379.',
      ),
    );
    expect(() => loadConfig({ READ_STRATEGY: 'cached' })).toThrow(
      'REDIS_URL is missing; with READ_STRATEGY=cached it takes an address such as redis://user:password@host:6379.',
    );
    for (const REDIS_URL of ['redis://redis.example', 'rediss://u:p@redis.example:6380/1'])
      expect(loadConfig({ EVENT_BUS: 'redis', REDIS_URL }).eventBus).toEqual({
        kind: 'redis',
        url: REDIS_URL,
      });
  });

  test('an address of Redis alone chooses no bus', () => {
    const REDIS_URL = 'redis://redis.example';
    expect(loadConfig({ REDIS_URL }).eventBus).toEqual({ kind: 'memory' });
    expect(loadConfig({ ...EXTERNAL, REDIS_URL }).eventBus).toEqual({ kind: 'postgres' });
  });

  test.each([
    ['options', '-c%20work_mem=5MB'],
    ['statement_timeout', '5'],
  ])('an address of a pooler brings no %s, as it would refuse or lose them', (name, value) => {
    const DATABASE_URL = `${EXTERNAL.DATABASE_URL}?${name}=${value}`;
    const pooler = { ...EXTERNAL, DATABASE_URL, DATABASE_DIRECT_URL: 'postgres://u:p@direct.example/parley' };
    expect(() => loadConfig(pooler)).toThrow(
      `DATABASE_URL is a pooler's, as DATABASE_DIRECT_URL names another server: it takes no "${name}"; give the role that setting (ALTER ROLE … SET …).`,
    );
    expect(loadConfig({ ...pooler, DATABASE_DIRECT_URL: '' }).database).toMatchObject({ pooled: false });
  });

  test('DATABASE_DIRECT_URL alone is a mistake', () => {
    expect(() => loadConfig({ DATABASE_DIRECT_URL: EXTERNAL.DATABASE_URL })).toThrow(
      'DATABASE_DIRECT_URL is of use only together with DATABASE_URL; set that too.',
    );
  });
});

describe('replicas', () => {
  const ONE = 'postgres://u:a-password@one.example/parley';
  const load = (DATABASE_REPLICA_URLS: string, more = {}) =>
    loadConfig({ ...EXTERNAL, ...more, DATABASE_REPLICA_URLS });

  test('are separated by commas, with or without blanks', () => {
    const two = 'postgres://u:p@one.example:5433/parley';
    expect(load(`${ONE}, ${two}`).replicas).toEqual({ urls: [ONE, two], maxLagMs: 30_000 });
    expect(loadConfig(EXTERNAL).replicas.urls).toEqual([]);
  });

  test.each([
    ['no address', 'one.example'],
    ['an empty one', `${ONE},`],
    ['one of them wrong', `${ONE},redis://two.example`],
  ])('%s is answered by one line that repeats nothing', (_, value) => {
    expect(() => load(value)).toThrow(
      new Error(
        'DATABASE_REPLICA_URLS takes addresses such as postgres://user:password@host:5432/database, separated by commas.',
      ),
    );
  });

  test('the same one twice is a mistake, by whatever user', () => {
    expect(() => load(`${ONE},postgres://v@one.example:5432/parley`)).toThrow(
      new Error('DATABASE_REPLICA_URLS names one.example:5432/parley twice; it takes each standby once.'),
    );
    expect(() => load('postgres:///parley?host=/run/one,postgres:///parley?host=/run/two')).not.toThrow();
  });

  test('the primary is none, by either of its addresses', () => {
    const line =
      /^DATABASE_REPLICA_URLS names \w+\.example:5432\/parley, which is the primary; it takes addresses of its standbys\.$/;
    expect(() => load(`${ONE},${EXTERNAL.DATABASE_URL}`)).toThrow(line);
    expect(() => load(ONE, { DATABASE_DIRECT_URL: ONE })).toThrow(line);
  });

  test('of an embedded database there are none', () => {
    expect(() => loadConfig({ DATABASE_REPLICA_URLS: ONE })).toThrow(
      'DATABASE_REPLICA_URLS is of use only together with DATABASE_URL; set that too.',
    );
  });
});

describe('without a value', () => {
  test('nothing at all is the embedded default, on this machine only', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4_000,
      production: false,
      database: { kind: 'embedded', directory: resolve('.data') },
      eventBus: { kind: 'memory' },
      auth: { secret: null, jwks: null, provisionUsers: false },
      allowedOrigins: [],
    });
  });

  test('an empty one counts as none', () => {
    const empty = Object.fromEntries(ENTRIES.map(([name]) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  test('.env.example changes nothing', () => {
    const example = readFileSync('.env.example', 'utf8');
    expect(loadConfig(parseEnv(example) as Record<string, string>)).toEqual(loadConfig({}));
    for (const [name] of ENTRIES) expect(example).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
  });
});

describe('with values', () => {
  test.each([
    ['another host', 'postgres://u:p@pooler/d', 'postgres://u:p@database/d', true],
    ['another port', 'postgres://u:p@h:6432/d', 'postgres://u:p@h/d', true],
    ["another socket's folder", 'postgres://u@h/d?host=/pooler', 'postgres://u@h/d?host=/postgres', true],
    [
      'another user and password of the same server',
      'postgres://u:p@h/d',
      'postgres://owner:q@h:5432/d',
      false,
    ],
    ['the same', 'postgres://u:p@h/d', 'postgres://u:p@h/d', false],
  ])('a direct address with %s tells whether there is a pooler', (_, url, direct, pooled) => {
    const addresses = { DATABASE_URL: url, DATABASE_DIRECT_URL: direct };
    expect(loadConfig({ ...EXTERNAL, ...addresses }).database).toMatchObject({ pooled });
  });

  test('a database of its own is used directly, unless there is another way around a pooler', () => {
    const direct = 'postgresql://u:p@direct.example/parley';
    expect(loadConfig(EXTERNAL)).toMatchObject({
      eventBus: { kind: 'postgres' },
      database: {
        kind: 'external',
        url: EXTERNAL.DATABASE_URL,
        directUrl: EXTERNAL.DATABASE_URL,
        pooled: false,
      },
    });
    expect(loadConfig({ ...EXTERNAL, DATABASE_DIRECT_URL: direct }).database).toMatchObject({
      directUrl: direct,
      pooled: true,
    });
    expect(loadDirectUrl({ ...EXTERNAL, DATABASE_DIRECT_URL: direct })).toBe(direct);
    expect(loadDirectUrl(EXTERNAL)).toBe(EXTERNAL.DATABASE_URL);
    expect(loadDirectUrl({})).toBeNull();
  });

  test('origins are separated by commas, with or without blanks', () => {
    const ALLOWED_ORIGINS = 'https://chat.example, http://localhost:5173,';
    expect(loadConfig({ ALLOWED_ORIGINS }).allowedOrigins).toEqual([
      'https://chat.example',
      'http://localhost:5173',
    ]);
  });

  test.each([
    '*',
    'https://chat.example/',
    'chat.example',
    'https://*.example',
    'null',
    'https://Chat.example',
  ])('an origin as no browser writes it would never match, and is refused: %s', (ALLOWED_ORIGINS) => {
    expect(() => loadConfig({ ALLOWED_ORIGINS })).toThrow(/^ALLOWED_ORIGINS takes origins such as/);
  });
});
