import type { UserId } from '../../messaging/ids.ts';

/** A channel for each user, so that a node hears only of those that are connected to it. */
const PREFIX = 'parley:inbox:';

export const channelOf = (user: UserId): string => PREFIX + user;

export const userOf = (channel: string): UserId => Number(channel.slice(PREFIX.length)) as UserId;
