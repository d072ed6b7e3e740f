import { startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';

// A process of its own that has an embedded PostgreSQL, as Parley's main does; its parent tells it when to stop.
const [directory = '', binDirectory] = process.argv.slice(2);

process.on('SIGINT', () => process.send?.('draining'));
const server = await startEmbeddedPostgres({
  directory,
  settings: { fsync: 'off' },
  ...(binDirectory === undefined ? {} : { binDirectory }),
});
process.once('message', async () => {
  await server.stop();
  process.disconnect();
});
process.send?.(server.url);
