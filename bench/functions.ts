import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { parse } from 'yaml';

const lateModules: () => Plugin = createRequire(import.meta.url)('../infra/late-modules.cjs');

/** One function of serverless.yml. */
export type DeployedFunction = {
  readonly name: string;
  /** Its source, from the root of the project. */
  readonly entry: string;
  /** The names that its environment sets, the provider's included. */
  readonly variables: readonly string[];
};

export type FunctionBundle = {
  readonly file: string;
  readonly bytes: number;
  /** the bytes of what the function loads later, by the name of its bundle */
  readonly late: ReadonlyMap<string, number>;
  readonly metafile: Metafile;
};

type Tree = { readonly [key: string]: unknown };

const ROOT = fileURLToPath(new URL('../', import.meta.url));

// CloudFormation's tags (!Ref, !Sub) mean nothing here: their values are read as they stand.
function readStack(): unknown {
  return parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8'), { logLevel: 'silent', merge: true });
}

/** The functions as serverless.yml has them. */
export function readFunctions(): DeployedFunction[] {
  const stack = readStack();
  const shared = keysOf(at(stack, 'provider', 'environment'));
  return Object.entries(toTree(at(stack, 'functions'))).map(([name, fn]) => ({
    name,
    entry: String(at(fn, 'handler')).replace(/\.\w+$/, '.ts'),
    variables: [...shared, ...keysOf(toTree(fn).environment ?? {})],
  }));
}

// What serverless-esbuild keeps for itself; esbuild refuses what it does not know. Of the plugins one leads
// to other policies than src/policies.ts, which no bundle here is of; the other is given here.
const OF_THE_PLUGIN = [
  'plugins',
  'concurrency',
  'zipConcurrency',
  'exclude',
  'nativeZip',
  'packager',
  'config',
];

/**
 * The options of esbuild with which the functions are deployed: custom.esbuild, and what serverless-esbuild
 * adds.
 */
export function readBuildOptions(): BuildOptions {
  const own = Object.entries(toTree(at(readStack(), 'custom', 'esbuild'))).filter(
    ([name]) => !OF_THE_PLUGIN.includes(name),
  );
  return { platform: 'node', plugins: [lateModules()], ...Object.fromEntries(own) };
}

/**
 * Bundles one entry into a temporary folder, which goes when this process ends. Changes are for peers of the
 * functions.
 */
export async function bundleEntry(
  name: string,
  entry: string,
  changes: BuildOptions = {},
): Promise<FunctionBundle> {
  const options = { ...readBuildOptions(), ...changes };
  const { metafile } = await build({
    ...options,
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: join(folder(), `${name}${options.format === 'esm' ? '.mjs' : '.cjs'}`),
    metafile: true,
    logLevel: 'warning',
  });
  const [[file, output] = [], ...others] = Object.entries(metafile.outputs).filter(
    ([path]) => !path.endsWith('.map'),
  );
  if (file === undefined || output === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  const late = new Map(others.map(([path, { bytes }]) => [basename(path, extname(path)), bytes]));
  return { file: join(ROOT, file), bytes: output.bytes, late, metafile };
}

let made: string | undefined;
function folder(): string {
  if (made !== undefined) return made;
  const path = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  made = path;
  return path;
}

function toTree(value: unknown): Tree {
  if (typeof value !== 'object' || value === null) throw new TypeError('serverless.yml has another shape');
  // Sound: any object may be asked for any key.
  return value as Tree;
}

function keysOf(value: unknown): string[] {
  return Object.keys(toTree(value));
}

function at(tree: unknown, ...path: readonly string[]): unknown {
  return path.reduce((node, key) => toTree(node)[key], tree);
}
