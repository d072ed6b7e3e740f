import { encodeGlobalId } from '../../schema/global-id.ts';
import type { ExportedMessage, ExportedUser } from '../../storage/statements/message-export.ts';

/** How messages are written. */
interface Format {
  /** Before the first. */
  readonly header: string;
  readonly message: (message: ExportedMessage) => string;
}

/** Ids as the API gives them. */
const messageIdOf = ({ id }: ExportedMessage) => encodeGlobalId('Message', id);
const userIdOf = ({ id }: ExportedUser) => encodeGlobalId('User', id);

/** One JSON object (RFC 8259) a line. */
const NDJSON: Format = {
  header: '',
  message(message) {
    const { messageText, createdAt, isRead, sender, receiver } = message;
    const id = messageIdOf(message);
    const shown = { id, sender: user(sender), receiver: user(receiver), messageText, createdAt, isRead };
    return `${JSON.stringify(shown)}\n`;
  },
};

function user(person: ExportedUser) {
  const { externalId, username } = person;
  return { id: userIdOf(person), externalId, username };
}

const COLUMNS: Readonly<Record<string, (message: ExportedMessage) => string>> = {
  id: messageIdOf,
  senderId: ({ sender }) => userIdOf(sender),
  senderExternalId: ({ sender }) => sender.externalId,
  senderUsername: ({ sender }) => sender.username,
  receiverId: ({ receiver }) => userIdOf(receiver),
  receiverExternalId: ({ receiver }) => receiver.externalId,
  receiverUsername: ({ receiver }) => receiver.username,
  messageText: ({ messageText }) => messageText,
  createdAt: ({ createdAt }) => createdAt,
  isRead: ({ isRead }) => String(isRead),
};

/** RFC 4180. A text that a spreadsheet would take for a formula stays as it is: it is data. */
const CSV: Format = {
  header: line(Object.keys(COLUMNS)),
  message: (message) => line(Object.values(COLUMNS).map((column) => column(message))),
};

function line(fields: readonly string[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export type FormatName = 'ndjson' | 'csv';
export const FORMATS: Readonly<Record<FormatName, Format>> = { ndjson: NDJSON, csv: CSV };
