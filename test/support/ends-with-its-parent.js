// Preloaded into a server that a test starts, so that it does not outlive a test process that is killed.
process.on('disconnect', () => process.exit(1));
