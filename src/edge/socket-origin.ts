import type { IncomingMessage } from 'node:http';

/** Browsers name the page's origin, and send it to any server; so a foreign page could speak for its reader. */
export function comesFromAllowedOrigin(
  { headers }: IncomingMessage,
  allowedOrigins: readonly string[],
): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
