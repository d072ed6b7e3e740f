// Preloaded into a server that a test starts, so that it does not outlive a test process that is killed.
if (!process.connected) process.exit(1);
process.on('disconnect', () => process.exit(1));
