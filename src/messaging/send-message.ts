import { createHash } from 'node:crypto';
import { BadUserInput, IdempotencyConflict, NotFound } from './errors.ts';
import type { UserId } from './ids.ts';
import type { MessageWithPeople, Viewer } from './model.ts';
import type { HintBus, MessageWriter } from './ports.ts';
import { checkIdempotencyKey, checkMessageText } from './text.ts';

export interface SendMessageInput {
  readonly receiverId: UserId;
  readonly messageText: string;
  readonly idempotencyKey?: string | null | undefined;
}

export async function sendMessage(
  { writer, bus }: { writer: MessageWriter; bus: HintBus },
  viewer: Viewer,
  { receiverId, messageText, idempotencyKey }: SendMessageInput,
): Promise<MessageWithPeople> {
  checkMessageText(messageText);
  if (idempotencyKey != null) checkIdempotencyKey(idempotencyKey);
  if (receiverId === viewer.id)
    throw new BadUserInput(
      'receiverId',
      'receiverId must be another user: nobody sends messages to themselves.',
    );

  const outcome = await writer.send(viewer.id, {
    receiverId,
    messageText,
    idempotency:
      idempotencyKey == null ? null : { key: idempotencyKey, inputHash: hashInput(receiverId, messageText) },
  });
  switch (outcome.kind) {
    case 'sent':
      // A hint after the commit: a subscriber that reads earlier would find nothing.
      bus.publish([viewer.id, receiverId]);
      return outcome.message;
    case 'repeated':
      return outcome.message;
    case 'other input':
      throw new IdempotencyConflict('This idempotencyKey has been used for another message; take a new one.');
    case 'deleted since':
      throw new NotFound('The message that was sent with this idempotencyKey has been deleted since.');
    case 'no such receiver':
      throw new NotFound('There is no user with this receiverId.');
  }
}

function hashInput(receiverId: UserId, messageText: string): Buffer {
  return createHash('sha256').update(`${receiverId}\n${messageText}`).digest();
}
