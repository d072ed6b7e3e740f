import { randomUUID } from 'node:crypto';
import type { BenchUser } from '../../../sockets/contestant.ts';
import { Sender } from '../../../sockets/load/sender.ts';
import { now } from '../../../support/clock.ts';
import { authorizationOf } from '../../../support/environment.ts';
import type { Feed } from './feed.ts';

/** Each sender has a socket of their own to send over, opened when it is first needed. */
export function openMutationFeed(url: string, addresses: Readonly<Record<string, string>>): Feed {
  const senders = new Map<string, Promise<Sender>>();

  function senderOf({ name }: BenchUser): Promise<Sender> {
    const known =
      senders.get(name) ?? authorizationOf(name).then((authorization) => Sender.connect(url, authorization));
    senders.set(name, known);
    return known;
  }

  return {
    async send({ sender, receiver, text }) {
      const socket = await senderOf(sender);
      await socket.send(addresses[receiver.name] as string, text, randomUUID());
      return now();
    },
    async [Symbol.asyncDispose]() {
      for (const sender of senders.values()) (await sender).close();
    },
  };
}
