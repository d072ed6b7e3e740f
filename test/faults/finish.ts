import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import type { Inbox } from './history/event.ts';
import type { System } from './system/system.ts';
import type { Device } from './workload/device.ts';
import { look } from './workload/look.ts';
import type { Person, Scene } from './workload/scene.ts';
import { messagesOf, withoutNumber } from './workload/table.ts';

/** A late answer's statement would change something within this time. */
const QUIET_MS = 150;
const QUIET_WITHIN_MS = 30_000;
/** From then on each device has so long to be told everything: some sweeps. */
const ARRIVE_WITHIN_MS = 20_000;
const LOOK_WITHIN_MS = 20_000;

/** Waits until nothing is written any more, has everybody told of everything, and writes down how it all ended. */
export async function finish(
  { database: { pool }, nodes }: System,
  scene: Scene,
  devices: readonly Device[],
): Promise<void> {
  const { history, people } = scene;
  const url = nodes[0]?.url ?? '';
  await eventually(
    async () => {
      const before = await untilQuiet(pool);
      const inboxes = await Promise.all(people.map((person) => lookPatiently(url, person)));
      const messages = (await messagesOf(pool, people)).map(withoutNumber);
      // What began long ago and is written only now would have been seen by some and not by others.
      if ((await writesSoFar(pool)) !== before) return false;
      for (const inbox of inboxes) history.note({ type: 'snapshot', device: null, final: true, ...inbox });
      history.note({ type: 'table', messages });
      await arrive(scene, devices, inboxes);
      return true;
    },
    { withinMs: QUIET_WITHIN_MS },
  );
}

async function arrive(
  { history }: Scene,
  devices: readonly Device[],
  inboxes: readonly Inbox[],
): Promise<void> {
  const ends = new Map(inboxes.map(({ user, cursor }) => [user, cursor]));
  await Promise.all(
    devices.map(async (device) => {
      const hasArrived = () => device.cursor === ends.get(device.user.name);
      await eventually(hasArrived, { withinMs: ARRIVE_WITHIN_MS }).catch(() =>
        history.note({ type: 'gave up', who: device.name, waitingFor: 'the end of its log' }),
      );
    }),
  );
}

async function lookPatiently(url: string, person: Person): Promise<Inbox> {
  return eventually(
    async () => {
      const seen = await look(url, person);
      if (!('cursor' in seen)) throw new Error(`${person.name} cannot look: ${seen.why}`);
      return seen;
    },
    { withinMs: LOOK_WITHIN_MS },
  );
}

/** @returns how much has been written. */
async function untilQuiet(pool: pg.Pool): Promise<string> {
  return eventually(
    async () => {
      const before = await writesSoFar(pool);
      await delay(QUIET_MS);
      if ((await writesSoFar(pool)) !== before) throw new Error('somebody is still writing');
      return before;
    },
    { withinMs: QUIET_WITHIN_MS },
  );
}

/** Changes with every write of a message. @throws while one is under way. */
async function writesSoFar(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ written: string; busy: number }>(
    `SELECT (SELECT coalesce(sum(seq), 0) FROM inbox_heads)::text AS written,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
          AND (backend_xid IS NOT NULL OR wait_event_type = 'Lock'))::int AS busy`,
  );
  const [{ written, busy } = { written: '', busy: 0 }] = rows;
  if (busy > 0) throw new Error(`${busy} connections are still writing`);
  return written;
}
