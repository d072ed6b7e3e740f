import { encodeBase64url } from '../lib/base64url.ts';
import { BadUserInput } from '../messaging/errors.ts';
import { parseMessageId, parsePeople, parseUserId } from '../messaging/ids.ts';

/** The types that have global ids, and what reads the key in theirs: `null` for what is no such key. */
const KEYS = {
  Conversation: parsePeople,
  Message: parseMessageId,
  User: parseUserId,
} as const;

export type NodeType = keyof typeof KEYS;

/** The `Type:key` of an object as base64url. Clients must not look inside. */
export function encodeGlobalId(typename: string, id: string | number | bigint): string {
  return encodeBase64url(`${typename}:${id}`);
}

/** @throws when the text is not one that `encodeGlobalId` could have made. */
export function decodeGlobalId(globalId: string): { typename: string; id: string } {
  const parts = tryDecode(globalId);
  if (parts === null) throw new Error('not a global id');
  return parts;
}

/** The id, in an argument that takes one of any type. @throws BadUserInput when it is none. */
export function checkGlobalId(argument: string, globalId: string): string {
  const decoded = tryDecode(globalId);
  if (decoded !== null && KEYS[decoded.typename](decoded.id) !== null) return globalId;
  const shown = JSON.stringify(globalId.slice(0, 100));
  throw new BadUserInput(argument, `${argument} takes ids that this server has given, not ${shown}.`);
}

/**
 * The key in an id argument that must be of one type.
 * @throws BadUserInput when it is no id at all, or one of another type.
 */
export function keyOf<Key>(
  typename: NodeType,
  parse: (key: string) => Key | null,
  argument: string,
  globalId: string,
): Key {
  const decoded = tryDecode(globalId);
  const key = decoded?.typename === typename ? parse(decoded.id) : null;
  if (key === null) throw new BadUserInput(argument, `${argument} takes the id of a ${typename}.`);
  return key;
}

function tryDecode(globalId: string) {
  const text = Buffer.from(globalId, 'base64url').toString();
  const colon = text.indexOf(':');
  const [typename, id] = [text.slice(0, colon), text.slice(colon + 1)];
  return isNodeType(typename) && encodeGlobalId(typename, id) === globalId ? { typename, id } : null;
}

function isNodeType(typename: string): typename is NodeType {
  return Object.hasOwn(KEYS, typename);
}
