/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
  testEnvironment: '<rootDir>/test/support/leak-free-environment.js',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/support/closing-line-reporter.js'],
  // Two test files at a time already keep two cores and one PostgreSQL busy.
  maxWorkers: 2,
  // A worker that has run half of the files takes longer than jest's 500 ms to free them, and is then called leaking; what
  // a file leaves open, the environment above finds.
  workerGracefulExitTimeout: 30_000,
};
