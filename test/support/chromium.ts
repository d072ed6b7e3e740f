import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium';

/** Why tests in a browser cannot run here; `null` when they can. With CI=true that is no excuse. */
export const noBrowser =
  existsSync(CHROMIUM) || process.env['CI'] === 'true' ? null : `there is no Chromium at ${CHROMIUM}`;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox', // as root Chromium runs in no other way
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
