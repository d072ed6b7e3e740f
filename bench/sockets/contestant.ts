import { fileURLToPath } from 'node:url';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { testEnvironment } from '../../test/support/server.ts';
import { launch, MeasuredServer, type RunningServer } from '../support/measured-server.ts';

const SCRIPTS = {
  parley: fileURLToPath(new URL('../../dist/main.js', import.meta.url)),
  bare: fileURLToPath(new URL('bare-server.js', import.meta.url)),
};

export const CONTESTANTS = ['parley', 'bare'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** A user whom both servers know: Parley by the row, the bare server by the name. */
export interface BenchUser {
  readonly name: string;
  readonly row: number;
}

/** Parley or the bare graphql-ws server. */
export class Contestant extends MeasuredServer {
  private constructor(
    readonly name: ContestantName,
    running: RunningServer,
  ) {
    super(running);
  }

  /** A fresh one: memory that was used once is not given back, and would make the next round look cheap. */
  static async start(
    name: ContestantName,
    databaseUrl: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Contestant> {
    const environment = testEnvironment(databaseUrl, {
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      // One sender here does the work of thousands.
      RATE_LIMITS: 'off',
      ...settings,
    });
    return new Contestant(name, await launch(SCRIPTS[name], environment));
  }

  /** How its `sendMessage` names this user. */
  address({ name, row }: BenchUser): string {
    return this.name === 'parley' ? encodeGlobalId('User', row) : name;
  }

  override async subscriptions(): Promise<number> {
    if (this.name === 'bare') return super.subscriptions();
    const text = await (await fetch(new URL('/metrics', this.url))).text();
    return Number(/^parley_subscriptions (\d+)$/m.exec(text)?.[1]);
  }
}
