/** Says where the server is, in the same words as Parley, and ends when it is told to. */
export function announce(url) {
  process.stdout.write(`${JSON.stringify({ msg: 'ready', url })}\n`);
  process.once('SIGTERM', () => process.exit());
}

/** Where a server of node:http listens, once it does. */
export function announceServer(server) {
  server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${server.address().port}/graphql`));
}
