import pg from 'pg';
import { batchPerTick } from '../lib/batch-per-tick.ts';
import { ViewerGone } from '../messaging/errors.ts';
import type { UserId } from '../messaging/ids.ts';
import type { MessageWriter, NewMessage, SendOutcome } from '../messaging/ports.ts';
import { isRolledBack, SQLSTATE, sqlState } from './errors.ts';
import type { Executor } from './executor.ts';
import { retryingConflicts } from './retry.ts';
import { MARK_READ } from './statements/mark-read.ts';
import { SEND, SEND_ONCE, SENT_MESSAGE, type SendRequest, type SendRow } from './statements/send.ts';

/** Characters of a long text that surely fit the covering index: at most 2,000 bytes of its 2,704. */
const BEGINNING = 500;
/** Texts of so many bytes fit it as they are; of longer ones that depends on how well PostgreSQL compresses them. */
const SURELY_FITS_BYTES = 2_000;
/** Messages that one statement sends at most: whoever waits for one of their inboxes lets all of them wait. */
const MAX_SENDS_A_STATEMENT = 64;

export function messageWriter(executor: Executor): MessageWriter {
  const sendTogether = batchPerTick((requests: readonly SendRequest[]) => sendAll(executor, requests), {
    maxSize: MAX_SENDS_A_STATEMENT,
    // The same send twice in one tick is one; a key with two inputs makes the statement fail, and then each goes alone.
    key: keyOf,
  });

  async function sendFitting(request: SendRequest): Promise<SendOutcome> {
    if (Buffer.byteLength(request.messageText) <= SURELY_FITS_BYTES) {
      const settled = await sendTogether(request);
      if (settled.status === 'rejected') throw settled.reason;
      return settled.value;
    }
    try {
      return await sendAlone(executor, request);
    } catch (error) {
      if (sqlState(error) !== SQLSTATE.PROGRAM_LIMIT_EXCEEDED) throw error;
      const beginning = [...request.messageText].slice(0, BEGINNING).join('');
      return sendAlone(executor, { ...request, messageText: beginning, fullText: request.messageText });
    }
  }

  return {
    send: (sender, message) => sendFitting(toRequest(sender, message)),
    async markRead(viewer, peer, upTo) {
      const [row] = await retryingConflicts(() =>
        executor.run(MARK_READ, [viewer, peer, upTo?.createdAt ?? null, upTo?.number ?? null]),
      );
      return row?.boundFound ? row.marked : null;
    },
  };
}

function toRequest(sender: UserId, { receiverId, messageText, idempotency }: NewMessage): SendRequest {
  return { sender, receiver: receiverId, messageText, fullText: null, idempotency };
}

function keyOf({ sender, idempotency }: SendRequest): string | undefined {
  return idempotency === null
    ? undefined
    : `${sender} ${idempotency.inputHash.toString('base64')} ${idempotency.key}`;
}

type Settled = PromiseSettledResult<SendOutcome>;

/** Each with its own outcome: where one of them makes the statement fail, each is sent alone. */
async function sendAll(executor: Executor, requests: readonly SendRequest[]): Promise<readonly Settled[]> {
  if (requests.length > 1)
    try {
      const rows = await runSend(executor, requests);
      return await Promise.allSettled(requests.map((request, i) => outcomeOf(executor, request, rows[i])));
    } catch (error) {
      // Only then: after a lost connection all of them may have been committed.
      if (!isRolledBack(error)) throw error;
    }
  return Promise.allSettled(requests.map((request) => sendAlone(executor, request)));
}

async function sendAlone(executor: Executor, request: SendRequest): Promise<SendOutcome> {
  try {
    const [row] = await retryingConflicts(() => runSend(executor, [request]));
    return await outcomeOf(executor, request, row);
  } catch (error) {
    // Somebody was deleted while this was being sent.
    const missing = missingUser(error);
    if (missing === 'sender') throw new ViewerGone();
    if (missing === 'receiver') return { kind: 'no such receiver' };
    throw error;
  }
}

/** @returns a row for each request, in their order. */
async function runSend(executor: Executor, requests: readonly SendRequest[]): Promise<readonly SendRow[]> {
  const messages = [
    requests.map(({ sender }) => sender),
    requests.map(({ receiver }) => receiver),
    requests.map(({ messageText }) => messageText),
    requests.map(({ fullText }) => fullText),
  ];
  const keys = [
    requests.map(({ idempotency }) => idempotency?.key ?? null),
    requests.map(({ idempotency }) => idempotency?.inputHash ?? null),
  ];
  const rows = requests.every(({ idempotency }) => idempotency === null)
    ? await executor.run(SEND, messages)
    : await executor.run(SEND_ONCE, [...messages, ...keys]);
  return rows.toSorted((one, other) => one.position - other.position);
}

async function outcomeOf(
  executor: Executor,
  { sender }: SendRequest,
  row: SendRow | undefined,
): Promise<SendOutcome> {
  if (row === undefined) throw new Error('send gave no row');
  if (!row.senderExists) throw new ViewerGone();
  if (!row.receiverExists) return { kind: 'no such receiver' };
  if (row.message !== null) return { kind: 'sent', message: row.message };
  if (row.first === null) throw new Error('send inserted nothing');
  if (!row.first.sameInput) return { kind: 'other input' };
  const [earlier] = await executor.run(SENT_MESSAGE, [sender, row.first.number]);
  return earlier === undefined ? { kind: 'deleted since' } : { kind: 'repeated', message: earlier };
}

function missingUser(error: unknown): 'sender' | 'receiver' | null {
  if (!(error instanceof pg.DatabaseError) || error.code !== SQLSTATE.FOREIGN_KEY_VIOLATION) return null;
  return error.constraint === 'messages_sender_id_fkey' ? 'sender' : 'receiver';
}
