import config from './jest.config.js';

const FOLDERS = ['contract', 'inbox', 'storage/inbox'];

/** What reads or writes messages, once more on a table with a partition for each month. */
export default {
  ...config,
  globalSetup: '<rootDir>/test/support/global-setup-partitioned.ts',
  testMatch: FOLDERS.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  // Other programs' ON CONFLICT (id): partitions cannot keep an id unique, only an id and a time.
  testPathIgnorePatterns: ['test/storage/inbox/upsert'],
};
