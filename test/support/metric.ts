/** What the server at `url`, any address of it, says of itself at /metrics under this name; 0 where there is none yet. */
export async function metric(url: string, name: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? 0);
}
