// Somebody else's project: an empty folder outside of this repository, into which npm installs what is
// published.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../local/folders.ts';
import { outsideEnvironment, packAll } from './pack.ts';

/** A program that ended: what it said, and how. */
export type Ended = { readonly code: number; readonly out: string; readonly err: string };

export type Node = { readonly path: string; readonly version: string };

export type Consumer = AsyncDisposable & {
  readonly folder: string;
  /** the machine's own Node, the one that this project brings, and a 20, each version once */
  readonly nodes: readonly Node[];
  /** what it is not run on, and why */
  readonly leftOut: readonly string[];
  /** Runs a file or a bin of the folder with a Node. */
  readonly run: (
    node: Node,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Ended>;
  readonly npx: (args: readonly string[]) => Promise<Ended>;
};

// What the project itself has, in the same versions, and what only others use.
const OF_THIS_PROJECT = [
  '@aws-sdk/client-s3',
  '@types/node',
  '@types/react',
  '@types/react-dom',
  'esbuild',
  'react',
  'react-dom',
  'typescript',
  'vite',
];
const OF_OTHERS = ['typescript-5@npm:typescript@5.9.3', 'webpack@5.113.0'];

/**
 * Packs the packages, and installs them beside the tools of their users. Dispose of it to remove the folder.
 */
export async function openConsumer(): Promise<Consumer> {
  await using all = await packAll();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-consumer-'));
  await cp(join(import.meta.dirname, 'consumer'), folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    '{ "name": "consumer", "private": true, "type": "module" }\n',
  );
  await writeFile(join(folder, 'notes.txt'), 'Notes of a user.\n');
  const { devDependencies, dependencies } = JSON.parse(
    await readFile(join(projectRoot, 'package.json'), 'utf8'),
  );
  const versions: Record<string, string> = { ...dependencies, ...devDependencies };
  const tools = OF_THIS_PROJECT.map((name) => `${name}@${versions[name]}`);
  const tarballs = all.packed.map(({ tarball }) => tarball);
  const env = outsideEnvironment();
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--save-exact'];
  const installed = await end(
    'npm',
    ['install', ...options, ...tarballs, ...tools, ...OF_OTHERS],
    folder,
    env,
  );
  if (installed.code !== 0) throw new Error(`npm could not install the packages:\n${installed.err}`);
  const { nodes, leftOut } = await findNodes(folder, env);
  return {
    folder,
    nodes,
    leftOut,
    run: (node, args, more = {}) => end(node.path, args, folder, { ...env, ...more }),
    npx: (args) => end('npx', ['--no', ...args], folder, env),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function end(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 24 }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, out, err: error && err === '' ? error.message : err });
    });
  });
}

// The oldest one that the manifests name.
const OLDEST = '20.19.0';

async function findNodes(folder: string, env: NodeJS.ProcessEnv) {
  const nodes: Node[] = [];
  const leftOut: string[] = [];
  const add = async (path: string): Promise<void> => {
    const { code, out } = await end(path, ['--version'], folder, env);
    const version = out.trim();
    if (code !== 0 || nodes.some((node) => node.version === version)) return;
    if (isSupported(version)) nodes.push({ path, version });
    else leftOut.push(`${version}, the machine's, is too old`);
  };
  await add('node');
  await add(join(projectRoot, 'node_modules', 'node', 'bin', 'node'));
  if (nodes.some(({ version }) => version.startsWith('v20.'))) return { nodes, leftOut };
  // Where nobody has the oldest, npm does, for most platforms.
  const name = `node-${process.platform}-${process.arch}`;
  const older = join(folder, 'older');
  await mkdir(older);
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--prefix', older];
  const { code } = await end('npm', ['install', ...options, `${name}@${OLDEST}`], older, env);
  if (code === 0) await add(join(older, 'node_modules', name, 'bin', 'node'));
  else leftOut.push(`${OLDEST} could not be installed`);
  return { nodes, leftOut };
}

/** True for a Node that the manifests name: `^20.19.0 || >=22.12.0`. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  return major === 20 ? minor >= 19 : major > 22 || (major === 22 && minor >= 12);
}

/** The program of an installed package, to be run with a Node of one's choice. */
export async function binOf(folder: string, name: string, bin = name): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  const path = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin];
  return join(folder, 'node_modules', name, path);
}
