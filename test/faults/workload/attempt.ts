import type { Outcome, Write } from '../history/event.ts';
import type { Scene } from './scene.ts';

/** One try of one write, written down before it is made and when its end is known. */
export async function attempt(
  { history }: Scene,
  { op, attempt, write }: { readonly op: string; readonly attempt: number; readonly write: Write },
  make: () => Promise<Outcome>,
): Promise<Outcome> {
  history.note({ type: 'begin', op, attempt, write });
  const outcome = await make();
  history.note({ type: 'end', op, attempt, ...outcome });
  return outcome;
}
