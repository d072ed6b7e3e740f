import type { Pool } from 'pg';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { createTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { metric } from '../support/metric.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { AUDIENCE, type Cast, castPeople, ISSUER } from './people.ts';

export const ALLOWED_ORIGIN = 'https://good.example';

/** What the servers' process holds after its garbage is collected. */
export interface Memory {
  /** Bytes of the heap and of buffers outside of it. */
  readonly held: number;
  readonly rss: number;
  /** The highest that `rss` has ever been. */
  readonly peakRss: number;
}

/** One server under attack, in a process of its own. */
export class Target {
  /** All that it has answered since it was last looked through. */
  readonly heard: string[] = [];

  constructor(
    readonly form: 'development' | 'production',
    readonly node: NodeProcess,
    readonly cast: Cast,
    readonly pool: Pool,
    /** Whose keys the servers trust. */
    readonly issuer: Issuer,
    /** The attacker's, to whom they should never listen. */
    readonly evil: Issuer,
  ) {}

  /** Of the GraphQL endpoint. */
  get url(): string {
    return this.node.url;
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  get hostname(): string {
    return new URL(this.url).hostname;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Notes what the server has shown to a client. */
  hear(text: string): void {
    if (text !== '') this.heard.push(text);
  }

  /** A number of /metrics; 0 where there is none yet. */
  gauge(name: string): Promise<number> {
    return metric(this.url, name);
  }

  async memory(): Promise<Memory> {
    const measured = () => this.node.log.filter((line) => line.startsWith('{"msg":"memory"'));
    const before = measured().length;
    this.node.kill('SIGUSR2');
    await eventually(() => measured().length > before, { withinMs: 15_000 });
    return JSON.parse(measured().at(-1) as string);
  }
}

/** The server in both its forms, on one database. */
export interface Targets extends AsyncDisposable {
  readonly all: readonly Target[];
  readonly development: Target;
  readonly production: Target;
}

const PROBE = new URL('./memory-probe.js', import.meta.url);

/** What a user may do in a minute, of each kind. */
export const RATES = { queries: 100, mutations: 20, subscriptions: 20 };

/** Bounds of time and of rate that an attack can reach soon; for the server in production. */
const SHORTENED = {
  REQUEST_TIMEOUT_MS: '2000',
  HTTP_IDLE_TIMEOUT_MS: '2000',
  SOCKET_INIT_TIMEOUT_MS: '500',
  SOCKET_IDLE_TIMEOUT_MS: '1500',
  RATE_LIMITS: 'on',
  RATE_LIMIT_QUERIES: String(RATES.queries),
  RATE_LIMIT_MUTATIONS: String(RATES.mutations),
  RATE_LIMIT_SUBSCRIPTIONS: String(RATES.subscriptions),
};

/** Starts both on a database of their own; test/support/global-setup.ts has run. */
export async function startTargets(): Promise<Targets> {
  const cleanup = new Cleanup();
  try {
    const database = cleanup.use(await createTestDatabase());
    const cast = await castPeople(database.pool);
    const issuer = cleanup.use(await startIssuer());
    const evil = cleanup.use(await startIssuer(['ES256']));
    const start = async (form: Target['form'], environment: Readonly<Record<string, string>>) => {
      const common = {
        NODE_ENV: form,
        LOG_LEVEL: 'trace',
        NODE_OPTIONS: `--import=${PROBE}`,
        ALLOWED_ORIGINS: ALLOWED_ORIGIN,
        AUTH_JWKS_URL: issuer.jwksUrl,
      };
      const node = cleanup.use(await startNodeProcess(database.url, { ...common, ...environment }));
      return new Target(form, node, cast, database.pool, issuer, evil);
    };
    const [development, production] = await Promise.all([
      start('development', { RATE_LIMITS: 'off' }),
      start('production', { ...SHORTENED, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE }),
    ]);
    return {
      all: [development, production],
      development,
      production,
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}
