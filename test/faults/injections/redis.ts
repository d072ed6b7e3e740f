import { setTimeout as delay } from 'node:timers/promises';
import type { Bus, System } from '../system/system.ts';
import type { Facilities, Fault } from './fault.ts';

const onlyWithRedis = ({ redis }: Facilities, bus: Bus) => {
  if (redis === null) return 'there is no Redis on this machine';
  return bus === 'redis' ? null : 'hints do not go through Redis';
};

const aboutHints = { touches: 'hints', failsWrites: false, hindrance: onlyWithRedis } as const;

export const killRedis: Fault = {
  ...aboutHints,
  name: 'kill -9 of Redis',
  async strike({ system: { redis }, random }) {
    await redis?.kill();
    await delay(random.between(100, 1_200));
    await redis?.restart();
  },
};

export const freezeRedis: Fault = {
  ...aboutHints,
  name: 'Redis frozen (SIGSTOP)',
  async strike({ system: { redis }, random }) {
    redis?.freeze();
    await delay(random.between(300, 1_500));
    redis?.resume();
  },
};

export const cutRedis: Fault = {
  ...aboutHints,
  name: 'Redis connections cut',
  strike: ({ system, random }) => cutFor(system, random.between(200, 1_500)),
};

/** Only in the long form. */
export const cutRedisLong: Fault = {
  ...aboutHints,
  name: 'Redis connections cut for 60 s',
  strike: ({ system }) => cutFor(system, 60_000),
};

async function cutFor({ nodes }: System, milliseconds: number): Promise<void> {
  for (const { toRedis } of nodes) {
    toRedis?.reset();
    toRedis?.refuse();
  }
  await delay(milliseconds);
  for (const { toRedis } of nodes) await toRedis?.heal();
}

export const dropRedis: Fault = {
  ...aboutHints,
  name: 'Redis connections dropped',
  async strike({ system: { nodes }, random }) {
    for (const { toRedis } of nodes) toRedis?.drop();
    await delay(random.between(300, 1_500));
    for (const { toRedis } of nodes) await toRedis?.heal();
  },
};
