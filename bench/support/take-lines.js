// How a measured server that knows no database is given its events: as lines, over a connection of their own.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** From now on this process answers the question `openFeed` with a port; each line that comes in there is for `take`. */
export function takeLines(take) {
  globalThis.benchAnswers.openFeed = async () => {
    const server = createServer((socket) => {
      let rest = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) take(line);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  };
}
