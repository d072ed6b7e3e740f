import type { Attack, Group } from '../attack.ts';
import { SEND } from '../operations.ts';
import { SPOKEN } from '../people.ts';
import { BINARY, CLOSE, CONTINUATION, frame, PING, TEXT } from '../senders/frames.ts';
import { type Said, say, subscribe, Wire } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const saying = (name: string, said: () => readonly Said[], expected: string | readonly string[]): Attack => ({
  name,
  send: (target) => say(target, ...said()),
  expected,
});

const PING_MESSAGE = JSON.stringify({ type: 'ping' });
const MAX_BODY_BYTES = 262_144;

/** RFC 6455, section 7.4.1. */
const closeFrame = (code: number, reason = '') => {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return frame(CLOSE, Buffer.concat([payload, Buffer.from(reason)]));
};

/** Of these bytes each, a thousand at a time. */
const fragments = (payload: string) =>
  Buffer.concat(Array.from({ length: 1_000 }, () => frame(CONTINUATION, payload, { fin: false })));

export const socketFrames: Group = {
  name: 'socket frames',
  attacks: [
    saying('a message one byte too long', () => [PING_MESSAGE.padEnd(MAX_BODY_BYTES + 1)], 'closed 1009'),
    saying(
      'a frame that claims to have 2^40 bytes',
      () => [frame(TEXT, 'x', { announced: 2 ** 40 })],
      'closed 1009',
    ),
    saying(
      'a frame that claims to have 2^62 bytes',
      () => [frame(TEXT, 'x', { announced: 2 ** 62 })],
      'closed 1009',
    ),
    {
      name: 'a message of fragments without end',
      send: (t) => goOn(t, frame(CONTINUATION, 'x'.repeat(10_000), { fin: false })),
      expected: 'closed 1009',
    },
    {
      name: 'a message of fragments of one byte',
      send: (t) => goOn(t, fragments('x')),
      expected: 'closed 1008',
    },
    {
      name: 'empty fragments without end',
      send: (t) => goOn(t, fragments('')),
      expected: 'closed 1008',
    },
    saying('an unmasked frame', () => [frame(TEXT, PING_MESSAGE, { masked: false })], 'closed 1002'),
    saying(
      'a text that is no UTF-8',
      () => [frame(TEXT, Buffer.from('"\xff\xfe"', 'latin1'))],
      'closed 1007',
    ),
    saying(
      'a text that ends in the middle of a character',
      () => [frame(TEXT, Buffer.from('"\xe2\x82', 'latin1'))],
      'closed 1007',
    ),
    saying(
      'a compressed frame that was not agreed on',
      () => [frame(TEXT, PING_MESSAGE, { compressed: true })],
      'closed 1002',
    ),
    saying('a reserved opcode', () => [frame(5, 'x')], 'closed 1002'),
    saying('a fragment of nothing', () => [frame(CONTINUATION, 'x')], 'closed 1002'),
    saying(
      'a text in the middle of another',
      () => [frame(TEXT, '{', { fin: false }), frame(TEXT, '}')],
      'closed 1002',
    ),
    saying('a ping in two fragments', () => [frame(PING, 'x', { fin: false })], 'closed 1002'),
    saying('a ping of 126 bytes', () => [frame(PING, 'x'.repeat(126))], 'closed 1002'),
    saying(
      '20,000 pings',
      () => [Buffer.concat(Array.from({ length: 20_000 }, () => frame(PING, 'x'.repeat(100))))],
      'closed 1006',
    ),
    saying('a close frame of one byte', () => [frame(CLOSE, 'x')], 'closed 1002'),
    saying('a close with code 1005', () => [closeFrame(1005)], 'closed 1002'),
    saying('a close with code 65535', () => [closeFrame(65_535)], 'closed 1002'),
    saying(
      'a close with a reason that is no UTF-8',
      () => [frame(CLOSE, Buffer.from('\x03\xe8\xff\xfe', 'latin1'))],
      'closed 1007',
    ),
    saying('frames after the close', () => [closeFrame(1000), frame(TEXT, PING_MESSAGE)], 'closed 1000'),
    {
      name: 'a send in a binary frame, whose text is no UTF-8',
      async send(target) {
        const input = { receiverId: target.cast.bob.id, messageText: `${SPOKEN} \xff` };
        const message = JSON.stringify(subscribe('1', SEND, { variables: { input } }));
        return say(target, frame(BINARY, Buffer.from(message, 'latin1')));
      },
      expected: ['closed 4400', 'closed 1003', 'closed 1007'],
    },
    saying('a JSON message in a binary frame', () => [frame(BINARY, PING_MESSAGE)], [
      'goes on',
      'closed 4400',
    ]),
    saying(
      'a binary frame that is no text',
      () => [frame(BINARY, Buffer.from('\x00\xff\xfe', 'latin1'))],
      'closed 4400',
    ),
  ],
};

/** Begins a message and goes on with `next`, about once a millisecond, until the server closes the socket. */
async function goOn(target: Target, next: Buffer): Promise<string> {
  const wire = new Wire(target);
  await wire.opened();
  wire.say(frame(TEXT, '"', { fin: false }));
  const sending = setInterval(() => wire.say(next), 1);
  try {
    return await wire.end();
  } finally {
    clearInterval(sending);
    wire.drop();
  }
}
