import { setTimeout as delay } from 'node:timers/promises';
import type { Node } from '../system/node.ts';
import type { Fault, Site } from './fault.ts';

const HOUR_MS = 3_600_000;

export const killNode: Fault = {
  name: 'kill -9 of a node',
  touches: 'nodes',
  failsWrites: true,
  async strike({ system, random }) {
    await random.pick(system.nodes).end('SIGKILL');
    await delay(random.between(0, 500));
    await system.recover();
  },
};

export const killAllNodes: Fault = {
  name: 'kill -9 of all nodes',
  touches: 'nodes',
  failsWrites: true,
  async strike({ system }) {
    await Promise.all(system.nodes.map((node) => node.end('SIGKILL')));
    await system.recover();
  },
};

/** One after the other, so that there is always one to go to. */
export const rollingRestart: Fault = {
  name: 'rolling restart (SIGTERM)',
  touches: 'nodes',
  failsWrites: true,
  async strike({ system, random }) {
    for (const node of random.shuffle(system.nodes)) {
      await node.end('SIGTERM');
      await system.recover();
    }
  },
};

export const freezeNode: Fault = {
  name: 'a node frozen (SIGSTOP)',
  touches: 'nodes',
  failsWrites: true,
  async strike({ system, random }) {
    const node = random.pick(system.nodes);
    node.freeze();
    await delay(random.between(300, 1_500));
    node.thaw();
  },
};

export const clockJump: Fault = {
  name: 'clock of a node an hour off',
  touches: 'nodes',
  failsWrites: false,
  async strike(site) {
    const jump = site.random.pick([HOUR_MS, -HOUR_MS]);
    await whileShifted(site, site.random.pick(site.system.nodes), jump);
  },
};

/** Back again, so that the clock jumps in both directions. */
async function whileShifted({ random }: Site, node: Node, jump: number): Promise<void> {
  await node.shiftClock(jump);
  await delay(random.between(400, 1_000));
  await node.shiftClock(-jump);
}
