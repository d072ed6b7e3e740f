/** What the server at `url`, any address of it, says at /metrics under this name with its labels; 0 where there is none yet. */
export async function metric(url: string, name: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}
