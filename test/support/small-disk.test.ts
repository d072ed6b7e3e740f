import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeUnless } from './describe-unless.ts';
import { type OwnCluster, startOwnCluster } from './own-cluster.ts';
import { mountSmallDisk, noSmallDisk, type SmallDisk } from './small-disk.ts';

describeUnless(noSmallDisk, 'The small disk is')('a small disk', () => {
  let disk: SmallDisk;
  let cluster: OwnCluster;
  beforeAll(async () => {
    disk = await mountSmallDisk();
    cluster = await startOwnCluster({ tablesIn: disk.directory });
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await disk[Symbol.asyncDispose]();
  });

  test('full it takes no more of what PostgreSQL writes, which goes on, and with room again it takes everything', async () => {
    await cluster.pool.query('CREATE TABLE rows (text text)');
    const write = () =>
      cluster.pool.query(`INSERT INTO rows SELECT repeat('x', 1000) FROM generate_series(1, 1000)`);
    for (let round = 1; round <= 2; round++) {
      await disk.fill();
      await expect(write()).rejects.toMatchObject({ code: '53100' });
      await disk.makeRoom();
      await write();
      const { rows } = await cluster.pool.query('SELECT count(*)::int FROM rows');
      expect(rows).toEqual([{ count: 1000 * round }]);
    }
  });
});
