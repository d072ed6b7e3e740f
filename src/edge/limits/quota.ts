import type { UserId } from '../../messaging/ids.ts';

/** Places that each viewer has on this node, for what stays open. */
export class Quota {
  readonly #taken = new Map<UserId, number>();

  constructor(private readonly placesPerViewer: number) {}

  /** @returns what gives the place back, whose further calls do nothing; `null` when all are taken. */
  take(viewer: UserId): (() => void) | null {
    const taken = this.#taken.get(viewer) ?? 0;
    if (taken >= this.placesPerViewer) return null;
    this.#taken.set(viewer, taken + 1);
    let held = true;
    return () => {
      if (held) this.#giveBack(viewer);
      held = false;
    };
  }

  #giveBack(viewer: UserId): void {
    const left = (this.#taken.get(viewer) ?? 1) - 1;
    if (left === 0) this.#taken.delete(viewer);
    else this.#taken.set(viewer, left);
  }
}
