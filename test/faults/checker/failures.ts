import type { HistoryEvent } from '../history/event.ts';
import type { Anomaly } from './anomaly.ts';
import { type Evidence, possible } from './evidence.ts';

/** Less than the 17 s that the settings allow a stopping node: nothing that runs in a round takes so long. */
const STOP_WITHIN_MS = 15_000;

/** What went wrong in the open: answers and endings that must not be. */
export function findFailures(evidence: Evidence): Anomaly[] {
  const { events } = evidence;
  const harmless = events.every((event) => event.type !== 'fault' || !event.failsWrites);
  return events.flatMap((event): Anomaly[] => {
    switch (event.type) {
      case 'end':
        if (event.outcome === 'done') return [];
        if (event.why === 'INTERNAL')
          return [{ name: 'internal error', detail: `the answer to ${event.op}` }];
        if (event.outcome === 'not done') return wrongRefusals(evidence, event);
        return harmless ? [{ name: 'failed write', detail: `${event.op}: ${event.why}` }] : [];
      case 'stream error':
        return streamErrors(evidence, event);
      case 'gave up':
        return [{ name: 'stuck', detail: `${event.who} waited in vain for ${event.waitingFor}` }];
      case 'exit':
        return uncleanExits(event);
      default:
        return [];
    }
  });
}

/** What is refused is what has been deleted; another program hears from the database itself what it could not do. */
function wrongRefusals(evidence: Evidence, { op, why }: { op: string; why: string }): Anomaly[] {
  const write = evidence.operations.find((operation) => operation.op === op)?.write;
  if (write?.kind !== 'send' && write?.kind !== 'mark') return [];
  const ids =
    write.kind === 'mark'
      ? [write.upTo ?? '']
      : [...evidence.origins].flatMap(([id, { text }]) => (text === write.text ? [id] : []));
  const deleted = ids.some((id) => possible(evidence, id, 'delete').length > 0);
  return why === 'NOT_FOUND' && deleted ? [] : [{ name: 'wrong refusal', detail: `${op}: ${why}` }];
}

function streamErrors(
  { lives, operations }: Evidence,
  { device, code, at }: Extract<HistoryEvent, { type: 'stream error' }>,
): Anomaly[] {
  if (code === 'INTERNAL') return [{ name: 'internal error', detail: `the stream of ${device}` }];
  if (code !== 'RESYNC_REQUIRED') return [];
  const user = lives.find((life) => life.device === device)?.user;
  const trimmed = operations.some(
    ({ write, begunAt, mayBeWritten }) =>
      write.kind === 'trim' && write.user === user && mayBeWritten && begunAt < at,
  );
  return trimmed ? [] : [{ name: 'needless resync', detail: `${device} at ${at.toFixed(1)}` }];
}

function uncleanExits({
  node,
  asked,
  code,
  signal,
  tookMs,
}: Extract<HistoryEvent, { type: 'exit' }>): Anomaly[] {
  const how = `node ${node} ended with ${signal ?? code}`;
  if (asked === null) return [{ name: 'unclean exit', detail: `${how}, and nobody asked it to` }];
  if (asked === 'SIGKILL' || (code === 0 && tookMs <= STOP_WITHIN_MS)) return [];
  return [{ name: 'unclean exit', detail: `${how} ${tookMs.toFixed(0)} ms after ${asked}` }];
}
