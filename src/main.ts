import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { type App, startApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { runCommand } from './lib/command.ts';
import { createLog } from './lib/log.ts';

/** npm passes on a Ctrl-C that the terminal has sent to this process too: one that comes so soon is the same one. */
const SAME_SIGNAL_MS = 500;

/**
 * V8 watches which kinds of objects survive, and begins to make those in the old space. The first requests, slow as they
 * are, teach it that requests do; then each that is over stays, with all that it refers to, until the whole heap is
 * collected, and every young collection copies more of them (`node --trace-gc` shows it).
 */
const REQUESTS_DIE_YOUNG = '--no-allocation-site-pretenuring';

async function main(): Promise<void> {
  setFlagsFromString(REQUESTS_DIE_YOUNG);
  const config = loadConfig();
  const log = createLog(config.logLevel);
  const stop = stopSignal();
  const app = await startApp(config, log, stop);
  if (!stop.aborted) {
    announce(app, config);
    log.info({ url: app.url }, 'ready');
    await once(stop, 'abort');
  }
  log.info(`${stop.reason}: stopping`);
  // Not kept waiting by a database that answers neither statements nor the end of their connections.
  setTimeout(() => {
    log.warn('stopped, without closing everything');
    process.exit(0);
  }, app.longestStopMs).unref();
  await app[Symbol.asyncDispose]();
  log.info('stopped');
}

/** Aborts when the operator asks for the end; who asks twice gets it at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let asked: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      asked ??= performance.now();
      if (performance.now() - asked > SAME_SIGNAL_MS) process.exit(1);
      stop.abort(signal);
    });
  }
  return stop.signal;
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
