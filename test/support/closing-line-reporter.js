/** Ends a run with one plain line, and lets no test be skipped where everything that tests need can be installed. */
export default class ClosingLineReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    this.#skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stderr.write(`\n${results.numPassedTests} passed, ${failed} failed, ${this.#skipped} skipped\n`);
  }

  getLastError() {
    if (process.env.CI === 'true' && this.#skipped > 0)
      return new Error(`${this.#skipped} tests were skipped; with CI=true that is a failure`);
    return undefined;
  }
}
