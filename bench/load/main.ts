// The load: all clients, in a process of their own that does what its parent asks over IPC.
import { runClosedLoop } from './closed-loop.ts';
import { Connection } from './connection.ts';
import type { LoadAnswers, RequestList } from './protocol.ts';

interface Turn {
  readonly list: RequestList;
  next: number;
}

const turns = new Map<string, Turn>();
let turn: Turn;
let connections: readonly Connection[] = [];

function take(count: number) {
  const { list } = turn;
  return list.requests[(turn.next + count) % list.requests.length];
}

const answers: LoadAnswers = {
  prepare(list) {
    turns.set(list.name, { list, next: 0 });
  },
  async open({ list, connections: count }) {
    const found = turns.get(list);
    if (found === undefined) throw new Error(`nothing is prepared as ${list}`);
    turn = found;
    connections = Array.from({ length: count }, () => new Connection(turn.list.origin));
    await Promise.all(connections.map((connection) => connection.open()));
  },
  async run({ ms, once }) {
    const until = performance.now() + (ms ?? Number.POSITIVE_INFINITY);
    const most = once ? turn.list.requests.length : Number.POSITIVE_INFINITY;
    let count = 0;
    const report = await runClosedLoop(connections, () =>
      count < most && performance.now() < until ? take(count++) : undefined,
    );
    turn.next += count;
    return report;
  },
  async close() {
    await Promise.all(connections.map((connection) => connection.close()));
  },
};

Object.assign(globalThis.benchAnswers, answers);
// Until its parent ends it.
process.channel?.ref();
process.send?.('ready');
