// Preloaded into a server that a test starts, so that it does not outlive a test process that is killed.
// Not by process.exit: the log's last flush would try for ever to write to that process.
const end = () => process.kill(process.pid, 'SIGKILL');
if (!process.connected) end();
process.on('disconnect', end);
// Listening for its parent keeps no server alive that is done.
process.channel?.unref();
