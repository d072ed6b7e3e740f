/** The same server and user, another database. */
export function onDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

/** The port that is written in it. */
export const portOf = (url: string) => Number(new URL(url).port);
