import type { Told } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import { type Evidence, possible, possibleMarks, type Sighting } from './evidence.ts';
import type { Life } from './lives.ts';

/** Everything that was shown or told and that nobody has written. */
export function findPhantoms(evidence: Evidence): Anomaly[] {
  const shown = evidence.sightings.flatMap((sighting) => {
    const reason = unfounded(evidence, sighting);
    const { id } = sighting.message;
    return reason === null ? [] : [{ id, detail: `${sighting.where} has ${id}, ${reason}` }];
  });
  const told = evidence.lives.flatMap((life) =>
    life.deliveries.flatMap(({ seq, told }) =>
      uncaused(evidence, life, told).map((id) => ({
        id,
        detail: `event ${seq} of ${life.device}: ${told.kind} ${id}, which nobody did`,
      })),
    ),
  );
  const once = new Map([...told, ...shown].reverse().map(({ id, detail }) => [id, detail]));
  return [...once].map(([id, detail]) => ({ name: 'phantom', detail, ids: [id] }));
}

/** Why no write explains that a message looks like this; null when one does. */
function unfounded(evidence: Evidence, { message }: Sighting): string | null {
  const { id, text, isRead, sender, receiver } = message;
  const origin = evidence.origins.get(id);
  if (origin === undefined) return `a text that nobody wrote: ${text}`;
  if (!origin.operation.mayBeWritten) return `although its write was refused: ${text}`;
  if (origin.sender !== sender || origin.receiver !== receiver) return `from ${sender} to ${receiver}`;
  const edits = possible(evidence, id, 'edit');
  if (text !== origin.text && !edits.some(({ write }) => write.kind === 'edit' && write.text === text))
    return `with a text that nobody gave it: ${text}`;
  const readers = [...possible(evidence, id, 'read'), ...possibleMarks(evidence, origin)];
  return isRead && readers.length === 0 ? 'which nobody read' : null;
}

/** The messages that an event is about, without any write that could have caused it. */
function uncaused(evidence: Evidence, { user }: Life, told: Told): readonly string[] {
  const { origins } = evidence;
  switch (told.kind) {
    case 'sent':
      return [];
    case 'deleted':
      return told.ids.filter(
        (id) => possible(evidence, id, 'delete').length === 0 && isOwn(origins.get(id), user),
      );
    case 'changed':
      return told.messages.flatMap(({ id }) =>
        possible(evidence, id, 'edit', 'unread').length === 0 ? [id] : [],
      );
    case 'read':
      return told.messages.flatMap((message) => (message.receiver === told.reader ? [] : [message.id]));
  }
}

/** What is of others is a leak. */
function isOwn(origin: { sender: string; receiver: string } | undefined, user: string): boolean {
  return origin === undefined || origin.sender === user || origin.receiver === user;
}
