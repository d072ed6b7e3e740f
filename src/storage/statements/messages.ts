import { inParts } from '../../lib/in-parts.ts';
import { type MessageId, positionOf, type UserId } from '../../messaging/ids.ts';
import type { MessageWithPeople } from '../../messaging/model.ts';
import type { Executor } from '../executor.ts';
import {
  messageColumns,
  messageWithNamesRow,
  messageWithPeopleRow,
  NAMES,
  theMessage,
  userColumns,
} from '../rows.ts';
import type { Statement } from '../statement.ts';

interface FoundMessage {
  /** In the request's arrays, from 1 on. */
  readonly position: number;
  readonly message: MessageWithPeople;
}

/** What is wanted: see the parameters of `MESSAGES`. */
const WANTED = `unnest($1::int[], $2::bigint[], $3::timestamptz[])
      WITH ORDINALITY AS wanted (viewer, id, created_at, position)`;
const IS_THEIRS = 'wanted.viewer IN (m.sender_id, m.receiver_id)';

/**
 * The messages with numbers $2 and times $3, each with both people, if the viewer at the same place in $1 sent or received
 * it: the requests of many viewers share one statement, and each sees what is theirs.
 */
const MESSAGES: Statement<FoundMessage> = {
  name: 'messages',
  text: `
    SELECT wanted.position::int, ${messageColumns('m')}, ${userColumns('s')}, ${userColumns('r')}
    FROM ${WANTED}
    JOIN ${theMessage('m', 'wanted.id', 'wanted.created_at')}
    JOIN users s ON s.id = m.sender_id
    JOIN users r ON r.id = m.receiver_id
    WHERE ${IS_THEIRS}`,
  row: (columns) => ({
    position: columns[0] as number,
    message: messageWithPeopleRow(columns, 1),
  }),
};

/** The same of messages that have the names of both people. */
const MESSAGES_WITH_NAMES: Statement<FoundMessage> = {
  name: 'messages',
  text: `
    SELECT wanted.position::int, ${messageColumns('m')}, ${NAMES.map((column) => `m.${column}`).join(', ')}
    FROM ${WANTED}
    JOIN ${theMessage('m', 'wanted.id', 'wanted.created_at', NAMES)}
    WHERE ${IS_THEIRS}`,
  row: (columns) => ({
    position: columns[0] as number,
    message: messageWithNamesRow(columns, 1),
  }),
};

export interface MessagesRequest {
  readonly viewer: UserId;
  readonly ids: readonly MessageId[];
}

export const readMessages = messagesReader(MESSAGES);
export const readMessagesWithNames = messagesReader(MESSAGES_WITH_NAMES);

/** For each request its messages in the order of its ids; `null` for what is not its viewer's, or not at all. */
function messagesReader(statement: Statement<FoundMessage>) {
  return async (executor: Executor, requests: readonly MessagesRequest[]) => {
    const [viewers, numbers, times]: [UserId[], string[], string[]] = [[], [], []];
    for (const { viewer, ids } of requests)
      for (const { number, createdAt } of ids.map(positionOf)) {
        viewers.push(viewer);
        numbers.push(number);
        times.push(createdAt);
      }
    const found: (MessageWithPeople | null)[] = viewers.map(() => null);
    for (const { position, message } of await executor.run(statement, [viewers, numbers, times]))
      found[position - 1] = message;
    return inParts(
      found,
      requests.map(({ ids }) => ids.length),
    );
  };
}
