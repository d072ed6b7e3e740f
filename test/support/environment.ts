/** How global setup tells the test processes where the server is. */
const ADMIN_URL = 'PARLEY_TEST_ADMIN_URL';
const REDIS_URL = 'PARLEY_TEST_REDIS_URL';

// biome-ignore-start lint/style/noProcessEnv: the configuration of the tests, not of the server
export const postgresBinDirectory = () => process.env['PARLEY_TEST_POSTGRES_BIN'] || undefined;

export function publishAdminUrl(url: string): void {
  process.env[ADMIN_URL] = url;
}

/** Connects a superuser to a database of the tests' server that no test changes. */
export function adminUrl(): string {
  const url = process.env[ADMIN_URL];
  if (url === undefined)
    throw new Error('test/support/global-setup.ts has not run: start the tests with jest');
  return url;
}
export function publishRedisUrl(url: string): void {
  process.env[REDIS_URL] = url;
}

/** Where the run has one. */
export const redisUrl = (): string | undefined => process.env[REDIS_URL];
// biome-ignore-end lint/style/noProcessEnv: see above
