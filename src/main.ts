import { type App, startApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { runCommand } from './lib/command.ts';
import { createLog } from './lib/log.ts';

/** Ends the process when the operator asks: once to drain, twice to end at once. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config.logLevel);
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(1));
      });
    }
  });
  const app = await startApp(config, log);
  announce(app, config);
  log.info({ url: app.url }, 'ready');
  log.info(`${await stopped}: stopping`);
  await app[Symbol.asyncDispose]();
  log.info('stopped');
}

function announce({ url, embeddedDatabaseUrl }: App, { production }: Config): void {
  const lines = [
    production ? `Parley serves ${url}` : `Parley is ready. Open GraphiQL: ${url}`,
    ...(embeddedDatabaseUrl === null
      ? []
      : [
          'Get a token: npm run -s token -- alice   (or bob, carol, dave, erin, frank)',
          `Look inside: psql "${embeddedDatabaseUrl}"`,
        ]),
  ];
  process.stdout.write(`\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

await runCommand(main);
