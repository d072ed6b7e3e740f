import config from './jest.config.js';
import { FORMS, nameOf } from './test/support/forms.js';

const { testMatch, extensionsToTreatAsEsm, transform, modulePathIgnorePatterns, ...rest } = config;
const { testEnvironment, globalSetup, globalTeardown, ...ofTheRun } = rest;

/** What reads or writes messages. */
const FOLDERS = ['contract', 'inbox', 'storage/inbox'];

/** Once more on databases of other forms, and read by other strategies. */
export default {
  ...ofTheRun,
  projects: FORMS.map((form) => ({
    displayName: nameOf(form),
    globals: { parleyForm: form },
    testMatch: foldersOf(form).map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
    // Other programs' ON CONFLICT (id): partitions cannot keep an id unique, only an id and a time.
    testPathIgnorePatterns: form.partitioned ? ['test/storage/inbox/upsert'] : [],
    extensionsToTreatAsEsm,
    transform,
    modulePathIgnorePatterns,
    testEnvironment,
    globalSetup: '<rootDir>/test/support/global-setup-forms.ts',
    globalTeardown,
  })),
};

/** A strategy has a part in what is read alone; where it keeps copies, what is written too. */
function foldersOf({ strategy }) {
  return strategy === 'normalized' || strategy === 'denormalized' ? FOLDERS : FOLDERS.slice(0, 1);
}
