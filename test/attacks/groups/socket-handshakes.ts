import { eventually } from '../../support/eventually.ts';
import type { Attack, Group } from '../attack.ts';
import { sign } from '../people.ts';
import { frame, TEXT } from '../senders/frames.ts';
import { http } from '../senders/http.ts';
import { head, RawConnection, raw } from '../senders/raw.ts';
import { open, untilClosed, Wire, type WireOptions } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';
const PROTOCOL = 'Sec-WebSocket-Protocol: graphql-transport-ws';

const upgrade = (target: Target, line: string, ...headers: string[]) =>
  raw(target, head(target, line, ...UPGRADE, ...headers));
const GET = 'GET /graphql HTTP/1.1';

const opening = (
  name: string,
  options: WireOptions | ((target: Target) => WireOptions),
  expected: string,
): Attack => ({
  name,
  send: (target) => open(target, typeof options === 'function' ? options(target) : options),
  expected,
});

export const socketHandshakes: Group = {
  name: 'socket handshakes',
  attacks: [
    opening('no subprotocol', { protocol: null }, 'closed 4406'),
    {
      name: 'the subprotocol of subscriptions-transport-ws',
      send: (t) => upgrade(t, GET, KEY, VERSION, 'Sec-WebSocket-Protocol: graphql-ws'),
      expected: '101 closed 4406, open',
    },
    {
      name: '10,000 bytes of subprotocols',
      send: (t) =>
        upgrade(
          t,
          GET,
          KEY,
          VERSION,
          `Sec-WebSocket-Protocol: ${Array.from({ length: 1_500 }, (_, i) => `p${i}`).join(', ')}`,
        ),
      expected: '101 closed 4406, open',
    },
    {
      name: 'an upgrade of another path',
      send: (t) => upgrade(t, 'GET /health/live HTTP/1.1', KEY, VERSION, PROTOCOL),
      expected: 'nothing, closed',
    },
    {
      name: 'an upgrade by POST',
      send: (t) => upgrade(t, 'POST /graphql HTTP/1.1', KEY, VERSION, PROTOCOL),
      expected: '405, closed',
    },
    {
      name: 'an upgrade without a key',
      send: (t) => upgrade(t, GET, VERSION, PROTOCOL),
      expected: '400, closed',
    },
    {
      name: 'an upgrade with a key that is none',
      send: (t) => upgrade(t, GET, 'Sec-WebSocket-Key: x', VERSION, PROTOCOL),
      expected: '400, closed',
    },
    {
      name: 'an upgrade to version 7',
      send: (t) => upgrade(t, GET, KEY, 'Sec-WebSocket-Version: 7', PROTOCOL),
      expected: '400, closed',
    },
    {
      name: 'an upgrade to something else',
      send: (t) => raw(t, head(t, GET, 'Connection: Upgrade', 'Upgrade: evil', KEY, VERSION)),
      expected: '400, closed',
    },
    {
      name: 'compression, with the largest windows (zip bombs)',
      send: async (t) => {
        const wire = new Wire(t, { perMessageDeflate: true });
        await wire.opened();
        const { extensions } = wire.socket;
        wire.drop();
        return extensions === '' ? 'not granted' : extensions;
      },
      expected: 'not granted',
    },
    {
      name: 'frames in the same packet as the upgrade, before any token',
      send: (t) => {
        const asking = JSON.stringify({
          id: '1',
          type: 'subscribe',
          payload: { query: '{ viewer { id } }' },
        });
        return raw(
          t,
          Buffer.concat([Buffer.from(head(t, GET, ...UPGRADE, KEY, VERSION, PROTOCOL)), frame(TEXT, asking)]),
        );
      },
      expected: '101 closed 4401, open',
    },
    {
      name: '30 upgrades that are reset at once',
      send: async (t) => {
        for (let i = 0; i < 30; i++) {
          const connection = new RawConnection(t);
          connection.socket.write(head(t, GET, ...UPGRADE, KEY, VERSION, PROTOCOL), () =>
            connection.socket.resetAndDestroy(),
          );
        }
        return open(t);
      },
      expected: 'acknowledged',
    },
    opening('connection_init without a token', { params: {} }, 'closed 4403'),
    opening('connection_init with the payload "text"', { params: 'text' }, 'closed 4400'),
    opening('connection_init with the payload [1]', { params: [1] }, 'closed 4400'),
    opening('a token that is an object', { params: { authorization: { toString: 'x' } } }, 'closed 4403'),
    opening(
      'a token in an array',
      (t) => ({ params: { authorization: [`Bearer ${t.cast.mallory.token}`] } }),
      'closed 4403',
    ),
    {
      name: 'a token in the __proto__ of connection_init',
      send: (t) => {
        const authorization = `Bearer ${t.cast.mallory.token}`;
        const init = `{"type":"connection_init","payload":{"__proto__":{"authorization":"${authorization}"}}}`;
        return untilClosed(t, { params: null }, (wire) => wire.say(init));
      },
      expected: 'closed 4403',
    },
    opening(
      'a token in a header of the upgrade only',
      (t) => ({ params: {}, headers: { authorization: `Bearer ${t.cast.mallory.token}` } }),
      'closed 4403',
    ),
    opening(
      'connection_init of 100 kB',
      (t) => ({ params: { authorization: `Bearer ${t.cast.mallory.token}`, junk: 'x'.repeat(100_000) } }),
      'acknowledged',
    ),
    opening(
      'connection_init of 300 kB',
      (t) => ({ params: { authorization: `Bearer ${t.cast.mallory.token}`, junk: 'x'.repeat(300_000) } }),
      'closed 1009',
    ),
    opening(
      'a token of 200 kB',
      { params: { authorization: `Bearer ${'a'.repeat(200_000)}` } },
      'closed 4403',
    ),
    {
      name: 'no connection_init',
      on: 'production',
      send: (t) => untilClosed(t, { params: null }),
      expected: 'closed 4408',
    },
    {
      name: '100 sockets without connection_init',
      on: 'production',
      send: async (t) =>
        [
          ...new Set(await Promise.all(Array.from({ length: 100 }, () => untilClosed(t, { params: null })))),
        ].join('; '),
      expected: 'closed 4408',
    },
    {
      name: 'a socket without any operation',
      on: 'production',
      send: (t) => untilClosed(t, {}),
      expected: 'closed 1000',
    },
    {
      name: 'a token that expires while its socket is open',
      async send(target) {
        const authorization = `Bearer ${await sign('mallory', { ttl: '3s' })}`;
        const wire = new Wire(target, { params: { authorization } });
        try {
          return `${await wire.opened()}, then ${await wire.end()}`;
        } finally {
          wire.drop();
        }
      },
      expected: 'acknowledged, then closed 4403',
    },
    {
      name: 'one socket of a user too many',
      send: tooManySockets,
      expected: '200 × acknowledged, then closed 1013',
    },
    {
      name: 'a socket that is half closed',
      send: async (t) => {
        const before = await t.gauge('parley_sockets');
        const wire = new Wire(t);
        await wire.opened();
        wire.connection.end();
        await eventually(async () => (await t.gauge('parley_sockets')) === before, {
          withinMs: 10_000,
        }).catch(() => {});
        return (await t.gauge('parley_sockets')) === before ? 'given up' : 'kept';
      },
      expected: 'given up',
    },
    {
      name: 'a WebSocket handshake by fetch, without an upgrade',
      send: (t) =>
        http(t, {
          headers: { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' },
        }),
      expected: '400 BAD_USER_INPUT',
    },
  ],
};

/** Default of MAX_VIEWER_SOCKETS. */
const MAX_VIEWER_SOCKETS = 200;

async function tooManySockets(target: Target): Promise<string> {
  const wires = Array.from({ length: MAX_VIEWER_SOCKETS }, () => new Wire(target));
  try {
    const outcomes = await Promise.all(wires.map((wire) => wire.opened()));
    const acknowledged = outcomes.filter((outcome) => outcome === 'acknowledged').length;
    return `${acknowledged} × acknowledged, then ${await open(target)}`;
  } finally {
    for (const wire of wires) wire.drop();
    await eventually(async () => (await target.gauge('parley_sockets')) === 0);
  }
}
