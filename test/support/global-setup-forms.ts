import { denormalize } from '../../src/storage/scaling/denormalizing/denormalize.ts';
import { materialize } from '../../src/storage/scaling/materializing/materialize.ts';
import { convert } from '../../src/storage/scaling/partitioning/convert.ts';
import { type Month, monthsUntil } from '../../src/storage/scaling/partitioning/months.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { publishRedisUrl } from './environment.ts';
import { FORMS, type Form, whyNot } from './forms.js';
import { startForAll } from './global-setup.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { createFormTemplate } from './template.ts';

/** As many as a database of some years has, from before the times that tests give their messages to after them. */
const MONTHS = monthsUntil('2025-06' as Month, '2027-02' as Month);
const NEVER = new AbortController().signal;

declare global {
  /** For global teardown. */
  var parleyTestRedis: RedisServer | undefined;
}

/** Like the usual one, and beside the usual template one of each other form. */
export default async function globalSetupForms(): Promise<void> {
  const adminUrl = await startForAll();
  const forms = FORMS.filter((form) => whyNot(form) === null);
  if (forms.some(({ strategy }) => strategy === 'cached')) {
    const redis = await startRedis();
    globalThis.parleyTestRedis = redis;
    publishRedisUrl(redis.url);
  }
  for (const form of forms) await createFormTemplate(adminUrl, form, (url) => giveForm(url, form));
}

async function giveForm(url: string, { strategy, partitioned }: Form): Promise<void> {
  const watcher = { onStep: () => {}, tell: () => {} };
  await withSession(url, async (session) => {
    if (partitioned) await convert(session, 'partitioned', watcher, NEVER, MONTHS);
    if (strategy === 'materialized') await materialize(session, watcher, NEVER);
    if (strategy === 'denormalized') await denormalize(session, watcher, NEVER);
  });
}
