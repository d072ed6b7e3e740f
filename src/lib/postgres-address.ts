/** The server that an address of PostgreSQL names, as host:port; never with user and password. */
export function serverAt(address: string): string {
  const { hostname, port, searchParams } = new URL(address);
  // As pg takes them; ?host=/run/postgresql is a socket.
  return `${searchParams.get('host') ?? hostname}:${searchParams.get('port') ?? (port || 5_432)}`;
}
