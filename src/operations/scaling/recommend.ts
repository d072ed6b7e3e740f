import type { Assessment } from './assessment.ts';
import { bytes, inDays, messageCount, number, percent, roughly } from './figures.ts';
import { PHASE_2_FROM, PHASE_3_ABOVE } from './phase.ts';

export interface Recommendation {
  readonly action:
    | 'prepare'
    | 'analyze'
    | 'widen-ids'
    | 'partition'
    | 'add-replicas'
    | 'raise-shared-buffers';
  /** What to do, and the figure that says so; of one or two sentences. */
  readonly text: string;
}

/** Widening takes planning, and a copy of the table. */
const LEAST_ID_DAYS = 365;
const GOOD_HIT_RATE = 0.99;
/** What has been read since a start says nothing about the cache before it has had the time to fill. */
const TELLING_READS = 100_000;
/** Smaller tables are read as fast without statistics, and are analysed soon. */
const STATISTICS_FROM_MESSAGES = 10_000;

type Rule = (found: Assessment) => Recommendation | null;

/** What to do next, most urgent first; empty when there is nothing. */
export function recommend(found: Assessment): readonly Recommendation[] {
  return RULES.flatMap((rule) => rule(found) ?? []);
}

/** Servers that are set so do not start. */
const prepare: Rule = ({ readStrategy, preparations }) => {
  const missing = preparations.find(({ strategy }) => strategy === readStrategy)?.missing ?? null;
  return missing === null ? null : { action: 'prepare', text: missing };
};

const analyze: Rule = ({ messages, table: { neverAnalyzed } }) => {
  if (messages.count < STATISTICS_FROM_MESSAGES || neverAnalyzed.length === 0) return null;
  const [first = '', ...more] = neverAnalyzed;
  const tables = more.length === 0 ? `${first} has` : `${first} and ${number(more.length)} more have`;
  return {
    action: 'analyze',
    text: `Run ANALYZE messages: ${tables} no statistics, without which PostgreSQL can only guess how to read them${messages.certainty === 'guessed' ? ', and the number of messages here is a guess too' : ''}.`,
  };
};

const widenIds: Rule = ({ ids: { left, daysLeft, type }, growth, table }) => {
  if (daysLeft === null || daysLeft >= LEAST_ID_DAYS) return null;
  const why = `${number(left)} ids are left, which at ${number(growth.messagesPerDay)} messages a day last for ${inDays(daysLeft)}`;
  return table.partitions === null && type === 'integer'
    ? {
        action: 'partition',
        text: `Partition messages (npm run scale -- partition), which makes its ids BIGINT: ${why}.`,
      }
    : { action: 'widen-ids', text: `Make messages.id and its sequence BIGINT: ${why}.` };
};

const partition: Rule = (found) => {
  const { messages, phase } = found;
  // Named once is enough.
  if (phase.recommended < 3 || phase.current === 3 || widenIds(found)?.action === 'partition') return null;
  return {
    action: 'partition',
    text: `Partition messages by month (npm run scale -- partition): ${messageCount(messages)} are more than ${number(PHASE_3_ABOVE)}.`,
  };
};

const addReplicas: Rule = ({ messages, phase, replicas, place }) => {
  // What a replica sees of its own replicas is not all that there are.
  if (phase.recommended < 2 || replicas.list.length > 0 || place.standby) return null;
  return {
    action: 'add-replicas',
    text: `Add a replica to read from, and a connection pooler: they pay from ${number(PHASE_2_FROM)} messages on, there are ${roughly(messages)}, and no replica is connected.`,
  };
};

const raiseSharedBuffers: Rule = ({ cache, table }) => {
  const [worst] = [
    { what: 'pages of messages', ...cache.heap },
    { what: "pages of messages' indexes", ...cache.indexes },
  ]
    .filter(({ hits, misses }) => hits + misses >= TELLING_READS)
    .sort((a, b) => Number(a.hitRate) - Number(b.hitRate));
  if (!worst || worst.hitRate === null || worst.hitRate >= GOOD_HIT_RATE) return null;
  // Everything has its place in it already, once it has been read.
  if (table.totalBytes <= cache.sharedBuffersBytes) return null;
  return {
    action: 'raise-shared-buffers',
    text: `Raise shared_buffers, now ${bytes(cache.sharedBuffersBytes)}: ${percent(worst.hitRate)} of the ${worst.what} that were asked for were in it, and ${percent(GOOD_HIT_RATE)} should be. The table has ${bytes(table.totalBytes)}; a quarter of the machine's memory is usual.`,
  };
};

const RULES: readonly Rule[] = [prepare, analyze, widenIds, partition, addReplicas, raiseSharedBuffers];
