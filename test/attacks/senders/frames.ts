import { randomBytes } from 'node:crypto';

/** RFC 6455, section 5.2. */
export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

interface FrameOptions {
  readonly fin?: boolean;
  readonly compressed?: boolean;
  readonly masked?: boolean;
  /** The length that the frame claims to have. */
  readonly announced?: number;
}

/** One WebSocket frame as a client would send it, or as no client may. */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, compressed = false, masked = true, announced }: FrameOptions = {},
): Buffer {
  const bytes = Buffer.from(payload);
  const length = announced ?? bytes.length;
  const first = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const mask = masked ? randomBytes(4) : null;
  const header = lengthOf(length, mask !== null);
  header[0] = first;
  return Buffer.concat(
    mask === null ? [header, bytes] : [header, mask, bytes.map((byte, i) => byte ^ (mask[i % 4] ?? 0))],
  );
}

function lengthOf(length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126) return Buffer.from([0, bit | length]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[1] = bit | (length < 65_536 ? 126 : 127);
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** The code of the close frame among short frames from a server. */
export function closeCodeIn(frames: Buffer): number | null {
  for (let at = 0; at + 2 <= frames.length; at += 2 + ((frames[at + 1] ?? 0) & 0x7f))
    if ((frames[at] ?? 0) === (0x80 | CLOSE) && at + 4 <= frames.length) return frames.readUInt16BE(at + 2);
  return null;
}
