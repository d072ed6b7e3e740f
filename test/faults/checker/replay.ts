import type { Shown } from '../history/event.ts';
import type { Anomaly, AnomalyName } from './anomaly.ts';
import { messagesIn } from './evidence.ts';
import type { Stream } from './streams.ts';

/** What a device holds that loads, and then applies what it is told. */
export interface Held {
  readonly messages: ReadonlyMap<string, Shown>;
  /** Those that were deleted before the device could be told of their sending. */
  readonly neverSeen: ReadonlySet<string>;
  readonly problems: readonly Anomaly[];
}

/** Applies everything up to and including the place `until`. */
export function replay({ life, bySeq, arrived }: Stream, until = Number.POSITIVE_INFINITY): Held {
  const messages = new Map(life.loaded.messages.map((message) => [message.id, message]));
  const gone = new Set<string>();
  const neverSeen = new Set<string>();
  const problems: Anomaly[] = [];
  let unnamed = 0; // sent, and deleted since
  const complain = (name: AnomalyName, seq: number, id: string) =>
    problems.push({ name, detail: `event ${seq} of ${life.device} about ${id}`, ids: [id] });

  for (const [seq, told] of [...bySeq].sort(([a], [b]) => a - b)) {
    if (seq > until) break;
    for (const message of messagesIn(told)) {
      const { id } = message;
      if (told.kind === 'sent' && (messages.has(id) || gone.has(id))) complain('duplicate delivery', seq, id);
      if (told.kind !== 'sent' && !messages.has(id)) complain('skipped', seq, id);
      messages.set(id, message);
    }
    if (told.kind === 'sent' && told.message === null) unnamed++;
    for (const id of told.kind === 'deleted' ? told.ids : []) {
      if (gone.has(id)) complain('duplicate delivery', seq, id);
      else if (!messages.delete(id)) {
        if (unnamed-- > 0) neverSeen.add(id);
        else complain('skipped', seq, id);
      }
      gone.add(id);
    }
  }
  if (arrived && until === Number.POSITIVE_INFINITY && unnamed > 0)
    problems.push({
      name: 'skipped',
      detail: `${life.device} was not told what ${unnamed} deleted messages were`,
    });
  return { messages, neverSeen, problems };
}
