// Preloaded into each measured process (`node --expose-gc --import`): answers what its parent asks over IPC. Plain
// JavaScript, because a TypeScript loader would be measured with it.

import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';

/** Between two collections, so that what the first one has made unreachable (finalizers, closed handles) goes, too. */
const COLLECTION_PAUSE_MS = 200;
const COLLECTIONS = 4;

let profiler;

/** What this process answers; it may add answers of its own. */
globalThis.benchAnswers = {
  /** Bytes, after everything that is unreachable has been collected. */
  async memory() {
    for (let i = 0; i < COLLECTIONS; i++) {
      globalThis.gc();
      await delay(COLLECTION_PAUSE_MS);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external };
  },
  /** Milliseconds of CPU time so far, of all threads. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  async startProfile() {
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.start');
  },
  async stopProfile(file) {
    const { profile } = await profiler.post('Profiler.stop');
    profiler.disconnect();
    await writeFile(file, JSON.stringify(profile));
  },
  heapSnapshot: (file) => writeHeapSnapshot(file),
};

process.on('message', async ({ id, question, argument }) => {
  try {
    process.send({ id, answer: await globalThis.benchAnswers[question](argument) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.once('disconnect', () => process.exit());
// Listening must not keep a process that wants to end.
process.channel.unref();
