import pg from 'pg';
import { ViewerGone } from '../messaging/errors.ts';
import type { UserId } from '../messaging/ids.ts';
import type { Message } from '../messaging/model.ts';
import type { MessageWriter, NewMessage, SendOutcome } from '../messaging/ports.ts';
import { SQLSTATE, sqlState } from './errors.ts';
import type { Executor } from './executor.ts';
import { retryingConflicts } from './retry.ts';
import { MARK_READ } from './statements/mark-read.ts';
import { SEND, SEND_ONCE, SENT_MESSAGE } from './statements/send.ts';

type Texts = readonly [messageText: string, fullText: string | null];

/** Characters of a long text that surely fit the covering index: at most 2,000 bytes of its 2,704. */
const BEGINNING = 500;

export function messageWriter(executor: Executor): MessageWriter {
  /** `texts` are message_text and full_text. */
  async function sendPlain(sender: UserId, { receiverId }: NewMessage, texts: Texts): Promise<SendOutcome> {
    const [message] = await executor.run(SEND, [sender, receiverId, ...texts]);
    return { kind: 'sent', message: message as Message };
  }

  async function sendOnce(
    sender: UserId,
    { receiverId, idempotency }: NewMessage,
    texts: Texts,
  ): Promise<SendOutcome> {
    const values = [sender, receiverId, ...texts, idempotency?.key, idempotency?.inputHash];
    const [row] = await executor.run(SEND_ONCE, values);
    if (row === undefined) throw new Error('send_once gave no row');
    if (row.message !== null) return { kind: 'sent', message: row.message };
    if (!row.sameInput) return { kind: 'other input' };
    const [earlier] = await executor.run(SENT_MESSAGE, [sender, row.number]);
    return earlier === undefined ? { kind: 'deleted since' } : { kind: 'repeated', message: earlier };
  }

  async function sendAnyLength(sender: UserId, message: NewMessage): Promise<SendOutcome> {
    const send = message.idempotency === null ? sendPlain : sendOnce;
    const { messageText } = message;
    try {
      return await send(sender, message, [messageText, null]);
    } catch (error) {
      // Whether a text fits depends on how well PostgreSQL compresses it.
      if (sqlState(error) !== SQLSTATE.PROGRAM_LIMIT_EXCEEDED) throw error;
      return send(sender, message, [[...messageText].slice(0, BEGINNING).join(''), messageText]);
    }
  }

  return {
    async send(sender, message) {
      try {
        return await retryingConflicts(() => sendAnyLength(sender, message));
      } catch (error) {
        const missing = missingUser(error);
        if (missing === 'sender') throw new ViewerGone();
        if (missing === 'receiver') return { kind: 'no such receiver' };
        throw error;
      }
    },
    async markRead(viewer, peer, upTo) {
      const [row] = await retryingConflicts(() =>
        executor.run(MARK_READ, [viewer, peer, upTo?.createdAt ?? null, upTo?.number ?? null]),
      );
      return row?.boundFound ? row.marked : null;
    },
  };
}

function missingUser(error: unknown): 'sender' | 'receiver' | null {
  if (!(error instanceof pg.DatabaseError) || error.code !== SQLSTATE.FOREIGN_KEY_VIOLATION) return null;
  return error.constraint === 'messages_sender_id_fkey' ? 'sender' : 'receiver';
}
