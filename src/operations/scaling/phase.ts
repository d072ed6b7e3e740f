import type { Survey } from '../../storage/scaling/survey.ts';

/** 1 is one plain table, 2 has replicas beside it, 3 is partitioned. */
export type Phase = 1 | 2 | 3;

/** From how many messages on a phase is worth what it costs to look after it. */
export const PHASE_2_FROM = 500_000;
export const PHASE_3_ABOVE = 5_000_000;

/** The one that the database has. */
export function phaseOf({ table, replicas, place }: Survey): Phase {
  if (table.partitions !== null) return 3;
  return place.standby || replicas.list.length > 0 ? 2 : 1;
}

/** The one that so many messages want. */
export function fittingPhase(messages: number): Phase {
  if (messages > PHASE_3_ABOVE) return 3;
  return messages < PHASE_2_FROM ? 1 : 2;
}
