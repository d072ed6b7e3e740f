import { once } from 'node:events';
import { connect } from 'node:net';
import type { MessageNumber, UserId } from '../../../../src/messaging/ids.ts';
import { messageId } from '../../../../src/messaging/ids.ts';
import { encodeInboxCursor } from '../../../../src/messaging/inbox/cursor.ts';
import { encodeGlobalId } from '../../../../src/schema/global-id.ts';
import { now } from '../../../support/clock.ts';
import type { Feed, Outgoing } from './feed.ts';

const EPOCH = '7581937412345678901';

/** Hands each message over complete: as the event `inbox`, or as the text that each client is to get. */
export async function openLineFeed(port: number, line: (inbox: object) => object): Promise<Feed> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  let count = 0;
  return {
    async send(message) {
      const handedOverAt = now();
      socket.write(`${JSON.stringify(line(eventOf(message, ++count)))}\n`);
      return handedOverAt;
    },
    async [Symbol.asyncDispose]() {
      socket.end();
      await once(socket, 'close');
    },
  };
}

/** What graphql-transport-ws carries. */
export function pushedText(inbox: object): object {
  return { id: '1', type: 'next', payload: { data: { inbox } } };
}

/** With ids and a cursor as long as Parley's. */
function eventOf({ sender, receiver, text }: Outgoing, count: number) {
  const createdAt = `${new Date().toISOString().slice(0, -1)}000Z`;
  return {
    __typename: 'MessageSent',
    cursor: encodeInboxCursor(receiver.row as UserId, { epoch: EPOCH, seq: BigInt(count) }),
    message: {
      id: encodeGlobalId('Message', messageId({ createdAt, number: String(count) as MessageNumber })),
      messageText: text,
      createdAt,
      isRead: false,
      sender: { id: sender.name, username: sender.name },
      receiver: { id: receiver.name, username: receiver.name },
    },
  };
}
