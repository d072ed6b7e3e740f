import config from './jest.config.js';
import { FORMS, nameOf, whyNot } from './test/support/forms.js';

const { testMatch, extensionsToTreatAsEsm, transform, modulePathIgnorePatterns, ...rest } = config;
const { testEnvironment, globalSetup, globalTeardown, ...ofTheRun } = rest;

/** What reads or writes messages. */
const FOLDERS = ['contract', 'inbox', 'storage/inbox'];

for (const form of FORMS) {
  const reason = whyNot(form);
  if (reason !== null) process.stderr.write(`${nameOf(form)} not tested: ${reason}\n`);
}

/** Once more on databases of other forms, and read by other strategies. */
export default {
  ...ofTheRun,
  projects: FORMS.filter((form) => whyNot(form) === null).map((form) => ({
    displayName: nameOf(form),
    globals: { parleyForm: form },
    testMatch: foldersOf(form).map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
    testPathIgnorePatterns: [
      // Other programs' ON CONFLICT (id): partitions cannot keep an id unique, only an id and a time.
      ...(form.partitioned ? ['test/storage/inbox/upsert'] : []),
      // Which statements a page takes.
      ...(form.strategy === 'cached' ? ['test/contract/statements'] : []),
    ],
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
