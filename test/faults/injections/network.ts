import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy } from '../../support/tcp-proxy.ts';
import type { Fault, Site } from './fault.ts';

export const slowDatabase: Fault = {
  name: 'database connections delayed',
  touches: 'ways to the database',
  failsWrites: true,
  strike: (site) => onSomeWays(site, (way) => way.delay(site.random.between(20, 250)), [400, 1_200]),
};

export const droppedDatabase: Fault = {
  name: 'database connections dropped',
  touches: 'ways to the database',
  failsWrites: true,
  strike: (site) => onSomeWays(site, (way) => way.drop(), [200, 1_000]),
};

export const resetDatabase: Fault = {
  name: 'database connections reset',
  touches: 'ways to the database',
  failsWrites: true,
  async strike(site) {
    for (let times = site.random.between(1, 5); times > 0; times--)
      await onSomeWays(site, (way) => way.reset(), [20, 200]);
  },
};

export const refusedDatabase: Fault = {
  name: 'database connections refused',
  touches: 'ways to the database',
  failsWrites: true,
  strike: (site) =>
    onSomeWays(
      site,
      (way) => {
        way.reset();
        way.refuse();
      },
      [200, 1_000],
    ),
};

/** Of one node or of all. */
async function onSomeWays(
  { system, random }: Site,
  disturb: (way: TcpProxy) => void,
  [least, most]: readonly [number, number],
): Promise<void> {
  const ways = random.shuffle(system.nodes).slice(0, random.between(1, system.nodes.length));
  for (const { toDatabase } of ways) disturb(toDatabase);
  await delay(random.between(least, most));
  for (const { toDatabase } of ways) await toDatabase.heal();
}

export const cutClients: Fault = {
  name: "clients' connections cut",
  touches: 'clients',
  failsWrites: false,
  async strike({ devices, random }) {
    for (let times = random.between(2, 8); times > 0; times--) {
      for (const device of random.shuffle(devices).slice(0, random.between(1, devices.length))) device.cut();
      await delay(random.between(10, 200));
    }
  },
};
