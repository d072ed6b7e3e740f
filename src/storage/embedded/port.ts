import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** `preferred` where nobody listens there, otherwise a port that is free now; another process may be faster. */
export async function freePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await listenBriefly(preferred)) !== undefined) return preferred;
  const port = await listenBriefly(0);
  if (port === undefined) throw new Error('no free port on 127.0.0.1');
  return port;
}

async function listenBriefly(port: number): Promise<number | undefined> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
