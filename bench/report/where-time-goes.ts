import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** As the inspector writes it (Chrome DevTools Protocol, Profiler.Profile). */
interface CpuProfile {
  readonly nodes: readonly {
    readonly callFrame: { readonly functionName: string; readonly url: string };
    /** Samples in which this frame was the innermost one. */
    readonly hitCount: number;
  }[];
}

const EXTENSION = '.cpuprofile';
/** Places that are named for each profile. */
const NAMED = 9;
/** Frames that are no code. */
const NOT_BUSY = ['(root)', '(idle)'];

/** A line for each profile in the folder that was written since: where in the code the process was. */
export async function describeProfiles(folder: string, since: Date): Promise<string> {
  const lines: string[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(EXTENSION)).toSorted()) {
    if ((await stat(folder + file)).mtime < since) continue;
    const profile: CpuProfile = JSON.parse(await readFile(folder + file, 'utf8'));
    lines.push(`${file.slice(0, -EXTENSION.length)}: ${describeShares(sharesOf(profile))}`);
  }
  return `Where the servers were while they worked, by samples of their own time:\n\n${lines.join('\n')}\n`;
}

function describeShares(shares: ReadonlyMap<string, number>): string {
  const [first, rest] = [[...shares].slice(0, NAMED), [...shares].slice(NAMED)];
  const others = rest.reduce((sum, [, share]) => sum + share, 0);
  return [...first, ['others', others] as const]
    .map(([place, share]) => `${place} ${(share * 100).toFixed(0)} %`)
    .join(', ');
}

/** The share (0 to 1) of the busy time of each package, folder of Parley, module of Node.js and built-in function; the largest first. */
export function sharesOf({ nodes }: CpuProfile): ReadonlyMap<string, number> {
  const hits = new Map<string, number>();
  let busy = 0;
  for (const { callFrame, hitCount } of nodes) {
    if (NOT_BUSY.includes(callFrame.functionName)) continue;
    const place = placeOf(callFrame);
    hits.set(place, (hits.get(place) ?? 0) + hitCount);
    busy += hitCount;
  }
  return new Map(
    [...hits]
      .filter(([, count]) => count > 0)
      .toSorted(([, a], [, b]) => b - a)
      .map(([place, count]) => [place, count / busy]),
  );
}

function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'native code';
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inPackage !== null) return inPackage[1] as string;
  // The last ones: the checkout may lie below a folder that is called so, too.
  const ours = /.*\/(dist|bench)\/(.+)/.exec(url);
  if (ours !== null) return `${ours[1] === 'bench' ? 'bench' : 'Parley'}:${dirname(ours[2] as string)}`;
  // Built into Node.js or V8; `writev` is where a text is given to the system.
  return url.startsWith('node:') ? url : functionName || 'unnamed functions';
}
