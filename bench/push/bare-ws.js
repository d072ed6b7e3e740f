// The peer of pushing to many devices: ws alone. It knows neither GraphQL nor users: each line that it is given is
// ready to be sent, and goes to all sockets.
import { WebSocketServer } from 'ws';
import { takeLines } from '../support/take-lines.js';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' });
/** Those whose client has said what graphql-transport-ws wants to hear. */
const subscribed = new Set();

server.on('connection', (socket) => {
  socket.on('message', (message) => {
    if (JSON.parse(message).type === 'subscribe') subscribed.add(socket);
    else socket.send('{"type":"connection_ack"}');
  });
  socket.on('close', () => subscribed.delete(socket));
});
takeLines((line) => {
  for (const socket of subscribed) socket.send(line);
});
globalThis.benchAnswers.subscriptions = () => subscribed.size;
server.once('listening', () => {
  const url = `http://127.0.0.1:${server.address().port}/graphql`;
  process.stdout.write(`${JSON.stringify({ msg: 'ready', url })}\n`);
});
process.once('SIGTERM', () => process.exit());
