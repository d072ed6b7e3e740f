import { expect, test } from '@jest/globals';
import { sharesOf } from '../../bench/report/where-time-goes.ts';

const node = (functionName: string, url: string, hitCount: number) => ({
  callFrame: { functionName, url },
  hitCount,
});

test('what a process did is shared out among packages, folders, modules and built-in functions; waiting does not count', () => {
  const shares = sharesOf({
    nodes: [
      node('(root)', '', 3),
      node('(idle)', '', 900),
      node('(garbage collector)', '', 10),
      node('(program)', '', 20),
      node('send', 'file:///srv/parley/node_modules/ws/lib/sender.js', 15),
      node('frame', 'file:///srv/parley/node_modules/ws/lib/sender.js', 5),
      node('parse', 'file:///srv/node_modules/a/node_modules/@scope/inner/index.js', 4),
      node('run', 'file:///srv/bench/parley/dist/messaging/inbox/following.js', 6),
      node('serve', 'file:///srv/parley/bench/peers/mercurius.js', 1),
      node('writev', 'node:internal/stream_base_commons', 38),
      node('writev', '', 1),
      node('never', 'node:fs', 0),
    ],
  });
  expect([...shares]).toEqual([
    ['node:internal/stream_base_commons', 0.38],
    ['native code', 0.2],
    ['ws', 0.2],
    ['garbage collection', 0.1],
    ['Parley:messaging/inbox', 0.06],
    ['@scope/inner', 0.04],
    ['bench:peers', 0.01],
    ['writev', 0.01],
  ]);
});
