import type { Facilities, Fault } from './injections/fault.ts';
import { FAULTS } from './injections/faults.ts';
import { Random } from './random.ts';
import type { Bus } from './system/system.ts';

/** What a round will do; the same for the same seed and number. */
export interface Plan {
  readonly seed: number;
  readonly number: number;
  readonly bus: Bus;
  /** Each begins when so many sends have been acknowledged, or when the senders have come to their end. */
  readonly faults: readonly { readonly fault: Fault; readonly afterSends: number }[];
  /** How long a writer waits between two writes, on average. */
  readonly paceMs: number;
}

const TWO_FAULTS = 0.4;
const MAX_AFTER_SENDS = 30;
const PACE_MS = 25;
/** A sender's 40 sends last for 100 s on average: longer than a cut of 60 s, its healing, and the sends after that. */
const SLOW_PACE_MS = 2_500;
/** Changing the bus restarts all nodes. */
const ROUNDS_ON_ONE_BUS = 5;

/**
 * One of the faults `only`, each in its turn and all in an order of the seed's own, and sometimes another one with it.
 * @throws when none of them can be injected on this machine
 */
export function planRound(
  facilities: Facilities,
  seed: number,
  number: number,
  only: readonly Fault[] = FAULTS,
): Plan {
  const buses = (['postgres', 'redis'] as const).filter((bus) => possible(only, facilities, bus).length > 0);
  if (buses.length === 0)
    throw new Error(only[0]?.hindrance?.(facilities, 'redis') ?? 'no fault is possible');
  const turn = Math.floor(number / ROUNDS_ON_ONE_BUS);
  const bus = buses[turn % buses.length] as Bus;
  const earlier = Math.floor(turn / buses.length) * ROUNDS_ON_ONE_BUS + (number % ROUNDS_ON_ONE_BUS);

  const faults = possible(only, facilities, bus);
  const deck = new Random(seed, bus, Math.floor(earlier / faults.length)).shuffle(faults);
  const first = deck[earlier % faults.length] as Fault;
  const random = new Random(seed, number, 'plan');
  const others = possible(FAULTS, facilities, bus).filter(({ touches }) => touches !== first.touches);
  const chosen = random.chance(TWO_FAULTS) ? [first, random.pick(others)] : [first];
  return planOf({ seed, number, bus, faults: chosen });
}

function possible(faults: readonly Fault[], facilities: Facilities, bus: Bus): readonly Fault[] {
  if (bus === 'redis' && facilities.redis === null) return [];
  return faults.filter(({ hindrance }) => hindrance === undefined || hindrance(facilities, bus) === null);
}

/** These faults, each when its time has come. */
export function planOf({
  seed,
  number,
  bus,
  faults,
}: Omit<Plan, 'faults' | 'paceMs'> & { readonly faults: readonly Fault[] }): Plan {
  const random = new Random(seed, number, 'times');
  const timed = faults.map((fault) => ({ fault, afterSends: random.between(0, MAX_AFTER_SENDS) }));
  return { seed, number, bus, faults: timed, paceMs: PACE_MS };
}

/** A round of one long fault of Redis, from the beginning, in which writers take their time. */
export function planSlowly(seed: number, number: number, fault: Fault): Plan {
  return { seed, number, bus: 'redis', faults: [{ fault, afterSends: 0 }], paceMs: SLOW_PACE_MS };
}
