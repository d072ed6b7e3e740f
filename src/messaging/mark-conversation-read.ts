import { NotFound } from './errors.ts';
import { type MessageId, positionOf, type UserId } from './ids.ts';
import type { Viewer } from './model.ts';
import type { HintBus, MessageWriter } from './ports.ts';

export interface MarkConversationReadInput {
  readonly with: UserId;
  readonly upTo?: MessageId | null | undefined;
}

/** @returns how many messages became read. */
export async function markConversationRead(
  { writer, bus }: { writer: MessageWriter; bus: HintBus },
  viewer: Viewer,
  { with: peer, upTo }: MarkConversationReadInput,
): Promise<number> {
  const markedCount = await writer.markRead(viewer.id, peer, upTo == null ? null : positionOf(upTo));
  if (markedCount === null) throw new NotFound('upTo is not a message of this conversation.');
  if (markedCount > 0) bus.publish([viewer.id, peer]);
  return markedCount;
}
