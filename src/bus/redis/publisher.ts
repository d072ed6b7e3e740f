import type { Redis } from 'ioredis';
import type { UserId } from '../../messaging/ids.ts';
import type { Outage } from '../outage.ts';
import { Outbox } from '../outbox.ts';
import { channelOf } from './channel.ts';
import { openConnection, withoutCommand } from './connection.ts';

const PART = 'publish';
/** Commands that are written at once, and answered before the next are. */
const MAX_COMMANDS_A_PIPELINE = 1_000;

export interface Publisher extends AsyncDisposable {
  /** Drops what it is given while Redis is away. */
  publish(users: readonly UserId[]): void;
}

/** Publishes `text` on users' channels. */
export function openPublisher(url: string, text: string, outage: Outage): Publisher {
  const connection = openConnection(url, PART, outage);
  const { redis } = connection;
  redis.on('ready', () => outage.end(PART));

  async function send(users: readonly UserId[]) {
    if (redis.status !== 'ready') return;
    const failure = await publishAll(redis, users, text);
    if (failure) outage.begin(PART, withoutCommand(failure));
    else outage.end(PART);
  }
  const outbox = new Outbox(send, MAX_COMMANDS_A_PIPELINE);

  return {
    publish(users) {
      if (redis.status === 'ready') outbox.put(users);
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** @returns the first failure. */
async function publishAll(redis: Redis, users: readonly UserId[], text: string): Promise<Error | null> {
  const pipeline = redis.pipeline();
  for (const user of users) pipeline.publish(channelOf(user), text);
  const answers = (await pipeline.exec()) ?? [];
  for (const [failure] of answers) if (failure) return failure;
  return null;
}
