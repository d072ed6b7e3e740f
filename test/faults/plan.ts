import type { Fault } from './injections/fault.ts';
import { FAULTS } from './injections/faults.ts';
import { Random } from './random.ts';
import type { Bus, System } from './system/system.ts';

/** What a round will do; the same for the same seed and number. */
export interface Plan {
  readonly seed: number;
  readonly number: number;
  readonly bus: Bus;
  /** Each begins when so many sends have been acknowledged. */
  readonly faults: readonly { readonly fault: Fault; readonly afterSends: number }[];
  readonly paceMs: number;
}

const TWO_FAULTS = 0.4;
const MAX_AFTER_SENDS = 30;
const PACE_MS = 25;
/** So that the sends of a round last for a minute. */
const SLOW_PACE_MS = 1_600;
/** Changing the bus restarts all nodes. */
const ROUNDS_ON_ONE_BUS = 5;

/** Each fault comes as often as any other, in an order of this seed's own. */
export function planRound(
  system: System,
  seed: number,
  number: number,
  only: readonly Fault[] = FAULTS,
): Plan {
  const random = new Random(seed, number, 'plan');
  const buses = (['postgres', 'redis'] as const).filter(
    (bus) =>
      (bus === 'postgres' || system.redis !== null) && only.some((fault) => !hindrance(fault, system, bus)),
  );
  const bus = buses[Math.floor(number / ROUNDS_ON_ONE_BUS) % buses.length] as Bus;
  const possible = only.filter((fault) => !hindrance(fault, system, bus));
  const first = random.pick(possible);
  const others = FAULTS.filter((fault) => fault.touches !== first.touches && !hindrance(fault, system, bus));
  const chosen = random.chance(TWO_FAULTS) ? [first, random.pick(others)] : [first];
  return {
    seed,
    number,
    bus,
    faults: chosen.map((fault) => ({ fault, afterSends: random.between(0, MAX_AFTER_SENDS) })),
    paceMs: PACE_MS,
  };
}

function hindrance({ hindrance = () => null }: Fault, system: System, bus: Bus): string | null {
  return hindrance(system, bus);
}

/** A round of one long fault, in which writers take their time. */
export function planSlowly(seed: number, number: number, fault: Fault): Plan {
  return { seed, number, bus: 'redis', faults: [{ fault, afterSends: 0 }], paceMs: SLOW_PACE_MS };
}
