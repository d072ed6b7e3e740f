import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { eventually } from '../../support/eventually.ts';
import { look } from '../workload/look.ts';
import type { Fault, Site } from './fault.ts';

/** More than a node's pool has connections, on each of them. */
const QUERIES_ON_EACH_NODE = 20;
const TERMINATE_WITHIN_MS = 10_000;

export const killDatabase: Fault = {
  name: 'kill -9 of PostgreSQL',
  touches: 'database',
  failsWrites: true,
  async strike({ system: { database }, random }) {
    await database.kill();
    await delay(random.between(0, 600));
    await database.restart();
  },
};

export const terminateBackends: Fault = {
  name: 'all database connections terminated',
  touches: 'database',
  failsWrites: true,
  async strike({ system, random }) {
    for (let times = random.between(1, 4); times > 0; times--) {
      await terminate(system.database.pool, 'pid <> pg_backend_pid()');
      await delay(random.between(50, 250));
    }
  },
};

export const terminateListeners: Fault = {
  name: 'LISTEN connections terminated',
  touches: 'hints',
  failsWrites: false,
  hindrance: (_, bus) => (bus === 'postgres' ? null : 'hints do not go through PostgreSQL'),
  async strike({ system, random }) {
    for (let times = random.between(1, 3); times > 0; times--) {
      await terminate(system.database.pool, "application_name = 'parley-listen'");
      await delay(random.between(50, 700));
    }
  },
};

/**
 * Tries again while the database is away for another fault, or those who were terminated have not come back.
 * @throws when there is nobody to terminate
 */
async function terminate(pool: pg.Pool, where: string): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await pool.query<{ ended: boolean }>(
        `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
         WHERE datname = current_database() AND ${where}`,
      );
      return rows.some(({ ended }) => ended);
    },
    { withinMs: TERMINATE_WITHIN_MS },
  );
}

/** Every statement on messages waits, until all connections of the nodes' pools do. */
export const exhaustPool: Fault = {
  name: 'connection pools exhausted',
  touches: 'database',
  failsWrites: true,
  async strike(site) {
    const { system, random } = site;
    const client = await system.database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE messages IN ACCESS EXCLUSIVE MODE');
      const crowd = askMuch(site);
      await delay(random.between(500, 1_300));
      await client.query('COMMIT');
      await crowd;
    } finally {
      client.release();
    }
  },
};

async function askMuch({ scene, random }: Site): Promise<void> {
  const looks = scene.urls().flatMap((url) =>
    Array.from({ length: QUERIES_ON_EACH_NODE }, async () => {
      const seen = await look(url, random.pick(scene.people));
      if ('cursor' in seen) scene.history.note({ type: 'snapshot', device: null, final: false, ...seen });
    }),
  );
  await Promise.all(looks);
}

export const fillDisk: Fault = {
  name: 'disk of the database full',
  touches: 'database',
  failsWrites: true,
  hindrance: ({ disk }) => (disk === null ? 'no disk can be mounted here that could be full' : null),
  async strike({ system: { disk }, random }) {
    await disk?.fill();
    await delay(random.between(400, 1_200));
    await disk?.makeRoom();
  },
};
