import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface MetricSources {
  readonly sockets: () => number;
  readonly subscriptions: () => number;
  readonly pool: () => { readonly total: number; readonly idle: number; readonly waiting: number };
}

/** Each walks through all sockets: with 5,000 of them a reading of the metrics took 25 ms, without these 9. */
const COSTLY_DEFAULTS = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

/** The process's metrics, in Prometheus' text format. */
export class Metrics {
  readonly registry = new Registry();
  #collecting: Promise<string> | null = null;
  readonly operations = new Counter({
    name: 'parley_operations_total',
    help: 'Operations executed, by type (query, mutation, subscription) and outcome (ok, error).',
    labelNames: ['type', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly directPosts = new Counter({
    name: 'parley_direct_posts_total',
    help: 'Requests answered by the short way; the others are new, wrong, or subscribe.',
    registers: [this.registry],
  });
  readonly events = new Counter({
    name: 'parley_inbox_events_total',
    help: 'Events given to subscribers.',
    registers: [this.registry],
  });

  constructor(sources: MetricSources) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of COSTLY_DEFAULTS) this.registry.removeSingleMetric(name);
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
  }

  /** Prometheus' text. Who asks while it is being collected shares it: a thousand requests at once cost a second. */
  text(): Promise<string> {
    this.#collecting ??= this.registry.metrics().finally(() => {
      this.#collecting = null;
    });
    return this.#collecting;
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
