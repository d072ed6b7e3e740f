import type { BenchUser, ContestantName } from '../sockets/contestant.ts';
import { measureIdleMemory } from '../sockets/round.ts';
import type { Progress } from '../support/progress.ts';

/** Whoever sends; many, because each one's own inbox takes one message at a time. */
export const IDLE_SENDERS = 16;

export interface IdleCircumstances {
  readonly databaseUrl: string;
  /** One socket each, but for those who only send. */
  readonly users: readonly BenchUser[];
  readonly progress: Progress;
}

/** @returns KiB of resident memory that an idle subscribed socket takes, after collections of garbage */
export async function measureIdleSocket(
  name: ContestantName,
  label: string,
  { databaseUrl, users, progress }: IdleCircumstances,
): Promise<number> {
  const receivers = users.slice(IDLE_SENDERS);
  const { empty, idle } = await measureIdleMemory(name, label, {
    databaseUrl,
    receivers,
    senders: users.slice(0, IDLE_SENDERS),
    rate: 0,
    progress,
    profiles: null,
  });
  return (idle.rss - empty.rss) / receivers.length / 1_024;
}
