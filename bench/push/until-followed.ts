import { eventually } from '../../test/support/eventually.ts';
import type { MeasuredServer } from '../support/measured-server.ts';

const WITHIN_MS = 30_000;

/** Resolves when the server has that many subscriptions. @throws when it takes too long: it has refused some */
export async function untilFollowed(server: MeasuredServer, subscriptions: number): Promise<void> {
  await eventually(
    async () => {
      const open = await server.subscriptions();
      if (open !== subscriptions)
        throw new Error(`${open} subscriptions are open instead of ${subscriptions}.`);
    },
    { withinMs: WITHIN_MS },
  );
}
