import type { Config } from '../../config.ts';
import type { IdRoom } from '../../storage/scaling/id-room.ts';
import type { Survey } from '../../storage/scaling/survey.ts';
import { fittingPhase, type Phase, phaseOf } from './phase.ts';

/** What a survey means. */
export interface Assessment extends Survey {
  readonly ids: IdRoom & {
    /** At the present growth; `null` when there is none. */
    readonly daysLeft: number | null;
  };
  readonly phase: {
    /** By the database's form. */
    readonly current: Phase;
    /** By the number of messages. */
    readonly recommended: Phase;
  };
  /** As it is set where this command runs. */
  readonly readStrategy: Config['readStrategy'];
}

export function assess(found: Survey, readStrategy: Config['readStrategy']): Assessment {
  const { ids, growth, messages } = found;
  const daysLeft = growth.messagesPerDay === 0 ? null : ids.left / growth.messagesPerDay;
  return {
    ...found,
    ids: { ...ids, daysLeft },
    phase: { current: phaseOf(found), recommended: fittingPhase(messages.count) },
    readStrategy,
  };
}
