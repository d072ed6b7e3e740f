import { createHash } from 'node:crypto';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContestantName } from './contestant.ts';
import { runProgram } from './run-program.ts';

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
const PRISMA = dirname(createRequire(import.meta.url).resolve('prisma/package.json'));

/** A folder of peers with packages of its own. */
interface PeerFolder {
  readonly path: string;
  readonly peers: readonly ContestantName[];
  /** What the installation is made from. */
  readonly inputs: readonly string[];
  readonly generate?: (path: string, signal: AbortSignal) => Promise<void>;
}

const FOLDERS: readonly PeerFolder[] = [
  {
    path: PEERS,
    peers: ['node-http-pg', 'mercurius', 'yoga-prisma'],
    inputs: ['package.json', 'package-lock.json', 'schema.prisma'],
    generate: generatePrismaClient,
  },
  {
    path: join(PEERS, 'postgraphile'),
    peers: ['postgraphile'],
    inputs: ['package.json', 'package-lock.json'],
  },
];

/**
 * Installs the packages of those peers, unless they are there.
 * @param onBegin hears whose packages are installed, when they are
 * @throws what npm or Prisma says
 */
export async function installPeers(
  names: readonly ContestantName[],
  onBegin: (peers: readonly ContestantName[]) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const folder of FOLDERS) if (folder.peers.some((peer) => names.includes(peer))) await install(folder);

  async function install({ path, peers, inputs, generate }: PeerFolder): Promise<void> {
    const stampFile = join(path, 'node_modules', '.installed');
    const stamp = await hashOf(inputs.map((input) => join(path, input)));
    if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return;
    onBegin(peers);
    await runProgram('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { folder: path, signal });
    await generate?.(path, signal);
    await writeFile(stampFile, stamp);
  }
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex');
}

async function generatePrismaClient(folder: string, signal: AbortSignal): Promise<void> {
  // The generator insists on being installed beside the client that it writes for. The project's own one will do.
  await symlink(PRISMA, join(folder, 'node_modules', 'prisma'), 'junction');
  const program = join(PRISMA, 'build', 'index.js');
  await runProgram(process.execPath, [program, 'generate', '--no-hints', '--schema', 'schema.prisma'], {
    folder,
    signal,
    // Generating needs no schema engine, yet looks for one and would download it; and it would ask for a newer version.
    environment: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
}
