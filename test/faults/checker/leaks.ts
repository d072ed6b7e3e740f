import type { Anomaly } from './anomaly.ts';
import type { Evidence } from './evidence.ts';

/** Everything that was shown to somebody who has no part in it. */
export function findLeaks({ sightings, lives, snapshots, origins }: Evidence): Anomaly[] {
  const shown = sightings
    .filter(
      ({ user, message: { sender, receiver } }) => user !== null && user !== sender && user !== receiver,
    )
    .map(({ user, where, message }) => leak(`${user} was shown ${message.id} in ${where}`, message.id));
  const named = lives.flatMap(({ device, user, deliveries }) =>
    deliveries.flatMap(({ told }) =>
      (told.kind === 'deleted' ? told.ids : [])
        .filter((id) => isOfOthers(origins.get(id), user))
        .map((id) => leak(`${device} was told of the deletion of ${id}`, id)),
    ),
  );
  const listed = snapshots.flatMap(({ user, conversations }) =>
    conversations
      .filter(({ peer }) => peer === user)
      .map(() => leak(`${user} has a conversation that nobody has`)),
  );
  return [...shown, ...named, ...listed];
}

function isOfOthers(origin: { sender: string; receiver: string } | undefined, user: string): boolean {
  return origin !== undefined && origin.sender !== user && origin.receiver !== user;
}

function leak(detail: string, ...ids: readonly string[]): Anomaly {
  return { name: 'leak', detail, ids };
}
