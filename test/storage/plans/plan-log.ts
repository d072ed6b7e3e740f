import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { Plan, PlanNode } from './plan.ts';

/** What a server's connections are named; those of tests are not. */
export const SERVER = 'parley';
const PREPARED = /^execute ([^<]+?): (.*)$/s;
const PLAN = /^duration: .*? plan:\n(.*)$/s;

/** Hears the plans that PostgreSQL tells the connections of servers in this process: see `explained`. */
export class PlanLog implements Disposable {
  #plans: Plan[] = [];
  readonly #names = new Map<string, string>();

  constructor() {
    const hear = (client: pg.Client, message: string) => this.#hear(client, message);
    pg.Client.prototype.emit = function (event: string | symbol, ...rest: unknown[]): boolean {
      if (event === 'notice') hear(this, (rest[0] as Error).message);
      return EventEmitter.prototype.emit.call(this, event, ...rest);
    };
  }

  /** What has been run since the last `during` began. */
  get soFar(): readonly Plan[] {
    return this.#plans;
  }

  /** How everything was run that ended while `work` was done, in any connection. */
  async during(work: () => Promise<unknown>): Promise<readonly Plan[]> {
    this.#plans = [];
    await work();
    return this.#plans;
  }

  #hear(client: pg.Client, message: string): void {
    if (applicationOf(client) !== SERVER) return;
    // A plan does not say what its statement is prepared as, and need not come before the next one begins.
    const [, name, prepared] = PREPARED.exec(message) ?? [];
    if (name !== undefined && prepared !== undefined) this.#names.set(prepared, name);
    const [, json] = PLAN.exec(message) ?? [];
    if (json === undefined) return;
    const { 'Query Text': text, Plan: root } = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
    this.#plans.push({ statement: this.#names.get(text) ?? text, root });
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(pg.Client.prototype, 'emit');
  }
}

function applicationOf(client: pg.Client): string | undefined {
  return (client as unknown as { connectionParameters: { application_name?: string } }).connectionParameters
    .application_name;
}
