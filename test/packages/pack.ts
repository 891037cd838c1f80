// What is published, as npm packs it, in a folder of its own: tests that run at the same time do not share
// dist/.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { buildPackages, type PackageName } from '../../packages/build.ts';

export type Packed = {
  readonly name: PackageName;
  /** the built package, unpacked */
  readonly folder: string;
  readonly tarball: string;
};

/** Builds and packs all packages. Dispose of it to remove them. */
export async function packAll(): Promise<AsyncDisposable & { readonly packed: readonly Packed[] }> {
  const base = await mkdtemp(join(tmpdir(), 'sluice-packages-'));
  const folders = await buildPackages((name) => join(base, name));
  const packed = await Promise.all(
    folders.map((folder) => pack(basename(folder) as PackageName, folder, base)),
  );
  return { packed, [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }) };
}

async function pack(name: PackageName, folder: string, into: string): Promise<Packed> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', into], {
    cwd: folder,
    env: outsideEnvironment(),
  });
  const [{ filename }] = JSON.parse(stdout);
  return { name, folder, tarball: join(into, filename) };
}

/**
 * The environment as it is outside of this project: without its own programs in the path, and without what
 * npm tells the scripts that it runs. Where packages come from, and by which proxy, stays as it is.
 */
export function outsideEnvironment(): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD|NODE_ENV|VITEST)/;
  const { PATH = '', ...env } = process.env;
  const path = PATH.split(':').filter((folder) => !/\/node_modules\/(\.bin|.*node-gyp-bin)$/.test(folder));
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name))),
    PATH: path.join(':'),
  };
}
