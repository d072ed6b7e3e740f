import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/operations/scaling/assessment.ts';
import { recommend } from '../../src/operations/scaling/recommend.ts';
import type { Survey } from '../../src/storage/scaling/survey.ts';

const GB = 1024 ** 3;
const NO_SIZE = { heapBytes: 0, toastBytes: 0, indexBytes: 0, totalBytes: 0 };
const INT_MAX = 2_147_483_647;

/** Young, well kept, and larger than its cache. */
const CALM: Survey = {
  place: { database: 'parley', host: 'localhost', port: 5432, version: '18.1', standby: false },
  messages: { count: 100_000, certainty: 'counted' },
  growth: { messagesPerDay: 100, days: 7, atLeast: false },
  ids: { type: 'integer', last: 100_000, limit: INT_MAX, left: INT_MAX - 100_000 },
  table: { ...NO_SIZE, totalBytes: GB, indexes: [], partitions: null, neverAnalyzed: [] },
  otherTables: [],
  cache: {
    heap: { hits: 999_999, misses: 1, hitRate: 0.999_999 },
    indexes: { hits: 999_999, misses: 1, hitRate: 0.999_999 },
    sharedBuffersBytes: GB / 8,
  },
  replicas: { visible: true, list: [] },
  preparations: [{ strategy: 'normalized', missing: null }],
};
const REPLICA = { name: 'walreceiver', address: null, state: 'streaming', lagBytes: 0, lagSeconds: 0 };
const WITH_REPLICA = { replicas: { visible: true, list: [REPLICA] } };
const PARTITIONED = { table: { ...CALM.table, partitions: [] } };
const counted = (count: number): Pick<Survey, 'messages'> => ({
  messages: { count, certainty: 'counted' },
});

const recommended = (change: Partial<Survey>) => recommend(assess({ ...CALM, ...change }, 'normalized'));
const actions = (change: Partial<Survey>) => recommended(change).map(({ action }) => action);

test('nothing, while all is well', () => {
  expect(recommended({})).toEqual([]);
});

test('what the strategy that is set lacks, before everything else', () => {
  const preparations: Survey['preparations'] = [{ strategy: 'normalized', missing: 'Run something.' }];
  expect(recommended({ preparations, ...counted(500_000) })).toMatchObject([
    { action: 'prepare', text: 'Run something.' },
    { action: 'add-replicas' },
  ]);
});

describe('by the number of messages', () => {
  test('replicas from 500,000 on, unless there is one', () => {
    expect(actions(counted(499_999))).toEqual([]);
    expect(actions(counted(500_000))).toEqual(['add-replicas']);
    expect(actions({ ...counted(500_000), ...WITH_REPLICA })).toEqual([]);
  });

  test('of a replica no replicas: it does not know those of its primary', () => {
    expect(actions({ ...counted(500_000), place: { ...CALM.place, standby: true } })).toEqual([]);
  });

  test('partitions above 5,000,000, unless there are some', () => {
    expect(actions({ ...counted(5_000_000), ...WITH_REPLICA })).toEqual([]);
    expect(actions({ ...counted(5_000_001), ...WITH_REPLICA })).toEqual(['partition']);
    expect(actions({ ...counted(5_000_001), ...WITH_REPLICA, ...PARTITIONED })).toEqual([]);
  });

  test('with the figures, and whether they are counted', () => {
    const messages: Survey['messages'] = { count: 5_234_567, certainty: 'estimated' };
    expect(recommended({ messages }).map(({ text }) => text)).toEqual([
      'Partition messages by month (npm run scale -- partition): about 5,230,000 messages are more than 5,000,000.',
      'Add a replica to read from, and a connection pooler: they pay from 500,000 messages on, there are about 5,230,000, and no replica is connected.',
    ]);
  });
});

describe('by the ids that are left', () => {
  const left = (ids: number, type: 'integer' | 'bigint' = 'integer') => ({
    ids: { type, last: INT_MAX - ids, limit: INT_MAX, left: ids },
  });

  test('partitions, which have BIGINT ids, when they last for less than a year', () => {
    expect(actions(left(36_500))).toEqual([]);
    expect(recommended(left(36_499))).toEqual([
      {
        action: 'partition',
        text: 'Partition messages (npm run scale -- partition), which makes its ids BIGINT: 36,499 ids are left, which at 100 messages a day last for 365 days.',
      },
    ]);
  });

  test('once, when the number of messages says so too', () => {
    expect(actions({ ...left(1_000), ...counted(6_000_000), ...WITH_REPLICA })).toEqual(['partition']);
  });

  test('wider ids, where the table is partitioned or only its sequence ends so early', () => {
    expect(actions({ ...left(1_000), ...PARTITIONED })).toEqual(['widen-ids']);
    expect(actions(left(1_000, 'bigint'))).toEqual(['widen-ids']);
  });

  test('nothing, while there is no growth', () => {
    const growth = { messagesPerDay: 0, days: 7, atLeast: false };
    expect(actions({ ...left(10), growth })).toEqual([]);
  });
});

describe('by the cache hit rate', () => {
  const hits = (hitRate: number, asked = 1_000_000) => ({
    hits: asked * hitRate,
    misses: asked * (1 - hitRate),
    hitRate,
  });
  const cache = (change: Partial<Survey['cache']>) => ({ cache: { ...CALM.cache, ...change } });

  test('more shared_buffers, when it is under 99 % of either', () => {
    expect(actions(cache({ heap: hits(0.99) }))).toEqual([]);
    expect(actions(cache({ heap: hits(0.98) }))).toEqual(['raise-shared-buffers']);
    const [{ text } = { text: '' }] = recommended(cache({ heap: hits(0.98), indexes: hits(0.9567) }));
    expect(text).toMatch(/^Raise shared_buffers, now 128 MiB: 95\.6 % of the pages of messages' indexes /);
  });

  test('not while too little has been asked for to tell', () => {
    expect(actions(cache({ heap: hits(0.5, 1_000) }))).toEqual([]);
    expect(actions(cache({ heap: { hits: 0, misses: 0, hitRate: null } }))).toEqual([]);
  });

  test('not when all of it fits in already', () => {
    expect(actions(cache({ heap: hits(0.5), sharedBuffersBytes: GB }))).toEqual([]);
  });
});

describe('by the statistics', () => {
  const table = { ...CALM.table, neverAnalyzed: ['messages'] };

  test('ANALYZE first, when there are none', () => {
    expect(actions({ table, ...counted(600_000) })).toEqual(['analyze', 'add-replicas']);
  });

  test('not of a few messages', () => {
    expect(actions({ table, ...counted(9_999) })).toEqual([]);
  });

  test('and that the number of messages is a guess, when it is one', () => {
    const guess = 'the number of messages here is a guess';
    expect(recommended({ table })[0]?.text).not.toContain(guess);
    expect(recommended({ table, messages: { count: 100_000, certainty: 'guessed' } })[0]?.text).toContain(
      guess,
    );
  });
});
