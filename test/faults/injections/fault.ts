import type { Random } from '../random.ts';
import type { Bus, System } from '../system/system.ts';
import type { Device } from '../workload/device.ts';
import type { Scene } from '../workload/scene.ts';

/** What a fault has at hand. */
export interface Site {
  readonly system: System;
  readonly scene: Scene;
  readonly devices: readonly Device[];
  readonly random: Random;
}

/** What not every machine has. */
export type Facilities = Pick<System, 'redis' | 'disk'>;

export interface Fault {
  readonly name: string;
  /** Two that touch the same part are not injected at once: one would undo the other. */
  readonly touches: 'nodes' | 'database' | 'ways to the database' | 'hints' | 'clients' | 'writes';
  /** Some writes may be left without an answer; otherwise all must be answered. */
  readonly failsWrites: boolean;
  /** Why it cannot be injected here; null when it can. */
  readonly hindrance?: (facilities: Facilities, bus: Bus) => string | null;
  /** Injects it, lets it last, and takes it back. */
  readonly strike: (site: Site) => Promise<void>;
}
