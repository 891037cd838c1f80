import { access, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { choosePython, explainNoPython, findPythons } from '../../local/python.ts';
import { run } from './run.ts';
import { DEBIAN_PACKAGES, NPM_SAMPLES, README_PROJECTS, SOURCE_DISTRIBUTIONS } from './sources.ts';

/** A package that was unpacked, or why it was not. */
export type Fetched =
  | { readonly source: string; readonly folder: string }
  | { readonly source: string; readonly problem: string };

/** The modules in which pip looks for a build backend. Ours takes the place of each. */
const BACKENDS = [
  'setuptools/__init__',
  'setuptools/build_meta',
  'mesonpy/__init__',
  'flit_core/__init__',
  'flit_core/buildapi',
  'hatchling/__init__',
  'hatchling/build',
  'poetry/core/masonry/api',
  'pdm/backend',
  'scikit_build_core/build',
  'maturin/__init__',
  'setuptools_reproducible/__init__',
  'poetry_dynamic_versioning/backend',
  'uv_build/__init__',
];

type Download = (source: string, into: string) => Promise<void>;

/**
 * Brings every package of the lists into a folder of its own. What was brought earlier is not brought again.
 */
export async function fetchAll(base: string): Promise<Fetched[]> {
  const pip = await preparePip(base);
  const wanted: readonly (readonly [string, readonly string[], Download])[] = [
    ['pypi', SOURCE_DISTRIBUTIONS, pip],
    ['npm', [...NPM_SAMPLES, ...README_PROJECTS], downloadByNpm],
    ['debian', DEBIAN_PACKAGES, downloadByApt],
  ];
  const fetched: Fetched[] = [];
  for (const [registry, sources, download] of wanted) {
    for (const source of sources) fetched.push(await fetchOne(base, registry, source, download));
  }
  return fetched;
}

async function fetchOne(
  base: string,
  registry: string,
  source: string,
  download: Download,
): Promise<Fetched> {
  const folder = join(base, registry, source.replaceAll('/', '+'));
  if (await exists(folder)) return { source, folder };
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(join(base, 'draft-'));
  try {
    await download(source, draft);
    for (const name of await readdir(draft)) await unpack(draft, name);
    await rename(draft, folder); // last, so that a run that was cut short begins this one again
    return { source, folder };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    return { source, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function unpack(folder: string, name: string): Promise<void> {
  const archive = join(folder, name);
  if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', archive, folder]);
  else if (name.endsWith('.zip')) await run('python3', ['-m', 'zipfile', '-e', archive, folder]);
  else await run('tar', ['-xf', archive, '--no-same-owner', '--no-same-permissions', '-C', folder]);
  await rm(archive);
}

const downloadByNpm: Download = (source, into) => run('npm', ['pack', '--silent', source], { cwd: into });

const downloadByApt: Download = (source, into) => run('apt-get', ['download', '-q', source], { cwd: into });

/** Makes ready a pip that downloads without building, so that no code of a package is run. */
async function preparePip(base: string): Promise<Download> {
  const pythons = await findPythons();
  const python = choosePython(pythons);
  if (python === undefined) {
    const problem = explainNoPython(pythons);
    return async () => {
      throw new Error(problem);
    };
  }
  const backends = join(base, 'no-build');
  for (const module of BACKENDS) {
    const file = join(backends, `${module}.py`);
    await mkdir(dirname(file), { recursive: true });
    await copyFile(join(import.meta.dirname, 'no-build.py'), file);
  }
  const environment = join(base, 'pip');
  if (!(await exists(join(environment, 'bin', 'pip'))))
    await run(python.command, ['-m', 'venv', environment]);
  const options = [
    '--quiet',
    '--no-deps',
    '--no-binary',
    ':all:',
    '--no-build-isolation',
    '--use-pep517',
    '--ignore-requires-python',
  ];
  return (source, into) =>
    run(join(environment, 'bin', 'pip'), ['download', ...options, '--dest', into, source], {
      env: { PYTHONPATH: backends, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Notes that something was made, so that it is not made again. */
export async function once(folder: string, make: () => Promise<void>): Promise<void> {
  const receipt = join(folder, '.made');
  if (await exists(receipt)) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await make();
  await writeFile(receipt, '');
}
