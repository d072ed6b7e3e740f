import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { GROUPS } from './groups.ts';
import { Runner } from './run.ts';
import { startTargets } from './target.ts';

await globalSetup();
const targets = await startTargets();
const only = process.argv[3] ?? '';
try {
  const runner = new Runner(targets);
  for (const g of GROUPS) {
    for (const a of g.attacks) {
      if (!`${g.name}: ${a.name}`.includes(only)) continue;
      const t0 = performance.now();
      const r = await runner.run(a);
      const ms = Math.round(performance.now() - t0);
      process.stdout.write(
        `${r.faults.length ? 'FAIL' : 'ok  '} ${g.name}: ${a.name} | ${a.expected} | ${r.observed} | ${Math.round(r.bystanderMs)} | ${ms} ${r.faults.length ? JSON.stringify(r.faults) : ''}\n`,
      );
    }
    for (const t of targets.all) process.stdout.write(`${t.form} ${JSON.stringify(await t.memory())}\n`);
  }
} finally {
  await targets[Symbol.asyncDispose]();
  await globalTeardown();
}
