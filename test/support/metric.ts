/** What the server at `url`, any address of it, says at /metrics under this name with its labels; 0 where there is none yet. */
export async function metric(url: string, name: string): Promise<number> {
  // A connection that is kept may just be closing for having been idle, where a test has made that time short.
  const response = await fetch(new URL('/metrics', url), { headers: { connection: 'close' } });
  const metrics = await response.text();
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}
