import type { OperationTypeNode } from 'graphql';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface MetricSources {
  readonly sockets: () => number;
  readonly subscriptions: () => number;
  /** `null` where no replicas are set. */
  readonly replicas: (() => ReplicaMetrics) | null;
  /** First pages by what answered them: hit, miss; `null` where nothing is cached. */
  readonly cacheReads: Readonly<Record<string, number>> | null;
  readonly pool: () => { readonly total: number; readonly idle: number; readonly waiting: number };
}

export interface ReplicaMetrics {
  /** Reads of viewers by what answered them: primary, replica. */
  readonly reads: Readonly<Record<string, number>>;
  readonly inUse: number;
  /** By replica; `null` where it is not known. */
  readonly lagSeconds: readonly (readonly [replica: string, seconds: number | null])[];
}

/** Each walks through all sockets: with 5,000 of them a reading of the metrics took 25 ms, without these 9. */
const COSTLY_DEFAULTS = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

type Outcome = 'ok' | 'error';

/**
 * The process's metrics, in Prometheus' text format. What is counted often is counted here, and given to prom-client when
 * Prometheus asks: its counters look their labels up each time.
 */
export class Metrics {
  readonly registry = new Registry();
  #collecting: Promise<string> | null = null;
  readonly #operations: Record<`${OperationTypeNode}`, Record<Outcome, number>> = {
    query: { ok: 0, error: 0 },
    mutation: { ok: 0, error: 0 },
    subscription: { ok: 0, error: 0 },
  };
  #directPosts = 0;
  #events = 0;

  constructor(sources: MetricSources) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of COSTLY_DEFAULTS) this.registry.removeSingleMetric(name);
    this.#operationsCounter();
    this.#counter(
      'parley_direct_posts_total',
      'Requests answered by the short way; the others are new, wrong, or subscribe.',
      () => this.#directPosts,
    );
    this.#counter('parley_inbox_events_total', 'Events given to subscribers.', () => this.#events);
    this.#gauge('parley_sockets', 'Open WebSockets.', sources.sockets);
    this.#gauge('parley_subscriptions', 'Inboxes being followed.', sources.subscriptions);
    this.#gauge('parley_database_connections', 'Connections in the pool.', () => sources.pool().total);
    this.#gauge(
      'parley_database_connections_idle',
      'Connections that wait for work.',
      () => sources.pool().idle,
    );
    this.#gauge(
      'parley_database_requests_waiting',
      'Requests that wait for a connection.',
      () => sources.pool().waiting,
    );
    if (sources.replicas !== null) this.#replicas(sources.replicas);
    if (sources.cacheReads !== null) this.#cache(sources.cacheReads);
  }

  countOperation(type: `${OperationTypeNode}`, outcome: Outcome): void {
    this.#operations[type][outcome]++;
  }

  countDirectPost(): void {
    this.#directPosts++;
  }

  countEvent(): void {
    this.#events++;
  }

  /** Prometheus' text. Who asks while it is being collected shares it: a thousand requests at once cost a second. */
  text(): Promise<string> {
    this.#collecting ??= this.registry.metrics().finally(() => {
      this.#collecting = null;
    });
    return this.#collecting;
  }

  #operationsCounter(): void {
    const counts = Object.entries(this.#operations);
    new Counter({
      name: 'parley_operations_total',
      help: 'Operations executed, by type (query, mutation, subscription) and outcome (ok, error).',
      labelNames: ['type', 'outcome'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [type, outcomes] of counts)
          for (const [outcome, count] of Object.entries(outcomes)) this.inc({ type, outcome }, count);
      },
    });
  }

  #cache(reads: Readonly<Record<string, number>>): void {
    this.#counterBy(
      'result',
      'parley_cache_reads_total',
      'Pages of newest messages, by result (hit, miss).',
      () => reads,
    );
  }

  #replicas(replicas: () => ReplicaMetrics): void {
    this.#counterBy(
      'source',
      'parley_reads_total',
      'Reads of messages, conversations and reports, by source (primary, replica).',
      () => replicas().reads,
    );
    this.#gauge('parley_replicas_in_use', 'Replicas that reads go to.', () => replicas().inUse);
    new Gauge({
      name: 'parley_replica_lag_seconds',
      help: 'How far behind each replica was when last looked at, about once a second; none where it was away.',
      labelNames: ['replica'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [replica, seconds] of replicas().lagSeconds)
          if (seconds !== null) this.set({ replica }, seconds);
      },
    });
  }

  #counterBy(
    label: string,
    name: string,
    help: string,
    counts: () => Readonly<Record<string, number>>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(counts())) this.inc({ [label]: value }, count);
      },
    });
  }

  #counter(name: string, help: string, count: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(count());
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
