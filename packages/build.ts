// `npm run build:packages`: writes what is published of each package into its dist/, which is a package of
// its own: a folder to pack, to publish, or to lead `npm install` to.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { collectDeclarations, writeDeclarations } from './declarations.ts';

type Published = {
  /**
   * Modules of src that others may import, by the name they are imported by. Everything else stays inside.
   */
  readonly entries: Readonly<Record<string, string>>;
  /** those that a page can use too; they are built twice, since the platform below them is another */
  readonly inPages?: readonly string[];
  /** the command that is all there is of it */
  readonly bin?: string;
};

/** What is published, in the order in which it is built. */
export const PUBLISHED = {
  contract: { entries: { '.': 'public' } },
  client: {
    entries: { '.': 'public', './node': 'node', './react': 'react', './uppy': 'uppy' },
    inPages: ['.', './react', './uppy'],
  },
  connection: {
    entries: {
      '.': 'public',
      './buckets': 'buckets',
      './doctor': 'doctor',
      './dynamodb': 'dynamodb',
      './errors': 'errors',
      './eventbridge': 'eventbridge',
      './lambda': 'lambda',
      './logs': 'logs',
      './secrets-manager': 'secrets-manager',
      './sign': 'sign',
      './sqs': 'sqs',
      './sts': 'sts',
      './transfers': 'transfers',
    },
  },
  cli: { entries: {}, bin: 'sluice' },
} as const satisfies Readonly<Record<string, Published>>;

export type PackageName = keyof typeof PUBLISHED;

type Manifest = {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
};

const root = fileURLToPath(new URL('..', import.meta.url));

// The oldest Node that can `require` an ES module, and browsers of 2024: they have all that the client stands
// on.
const NODE = 'node20.19';
const BROWSERS = ['chrome116', 'edge116', 'firefox124', 'safari17.4'];

/**
 * Where a package is built to when nobody says otherwise: `changeset publish` looks there, by
 * `publishConfig.directory`.
 */
function distOf(name: PackageName): string {
  return join(root, 'packages', name, 'dist');
}

/** Builds all packages into the folder that `toFolder` names for each, and returns these folders. */
export async function buildPackages(toFolder: (name: PackageName) => string = distOf): Promise<string[]> {
  const declarations = await mkdtemp(join(tmpdir(), 'sluice-types-'));
  try {
    await writeDeclarations(declarations);
    const names = Object.keys(PUBLISHED) as PackageName[];
    return await Promise.all(names.map((name) => buildPackage(name, declarations, toFolder(name))));
  } finally {
    await rm(declarations, { recursive: true });
  }
}

async function buildPackage(name: PackageName, declarations: string, to: string): Promise<string> {
  const published: Published = PUBLISHED[name];
  const folder = join(root, 'packages', name);
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  await rm(to, { recursive: true, force: true });
  for (const options of optionsOf(published, to)) {
    await build({ ...common(folder), ...options, plugins: [declaredOnly(manifest)] });
  }
  const entries = Object.values(published.entries).map((module) => `${name}/${module}`);
  await collectDeclarations(declarations, { entries, to: join(to, 'types') });
  await writeFile(join(to, 'package.json'), `${JSON.stringify(toManifest(name, manifest), null, 2)}\n`);
  await copyFile(join(root, 'LICENSE'), join(to, 'LICENSE'));
  // Changesets write the second; before the first release there is none.
  for (const page of ['README.md', 'CHANGELOG.md']) {
    if (existsSync(join(folder, page))) await copyFile(join(folder, page), join(to, page));
  }
  return to;
}

function common(folder: string): BuildOptions {
  return {
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    chunkNames: 'shared/[hash]',
    logLevel: 'warning',
  };
}

function optionsOf({ entries, inPages, bin }: Published, to: string): BuildOptions[] {
  const toEntryPoints = (specifiers: readonly string[]) =>
    Object.fromEntries(
      specifiers.flatMap((specifier) => {
        const module = entries[specifier];
        return module === undefined ? [] : [[toFile(module), `src/${module}.ts`]];
      }),
    );
  const forNode = { platform: 'node', target: NODE } as const;
  if (bin !== undefined) return [{ ...forNode, entryPoints: { [bin]: `src/${bin}.ts` }, outdir: to }];
  const all = toEntryPoints(Object.keys(entries));
  if (inPages === undefined) return [{ ...forNode, entryPoints: all, outdir: to }];
  return [
    { ...forNode, entryPoints: all, outdir: join(to, 'node') },
    {
      platform: 'browser',
      target: BROWSERS,
      entryPoints: toEntryPoints(inPages),
      outdir: join(to, 'browser'),
    },
  ];
}

/**
 * Builds in what is of this repository, and leaves to npm what the manifest names; anything else is a
 * mistake.
 */
function declaredOnly({ name, dependencies = {}, peerDependencies = {} }: Manifest): Plugin {
  const declared = { ...dependencies, ...peerDependencies };
  return {
    name: 'declared-only',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) => {
        if (kind === 'entry-point' || path.startsWith('@sluice/')) return undefined;
        const [scopeOrName = '', rest = ''] = path.split('/');
        const needed = scopeOrName.startsWith('@') ? `${scopeOrName}/${rest}` : scopeOrName;
        if (path.startsWith('node:') || needed in declared) return { path, external: true };
        return { errors: [{ text: `The manifest of ${name} does not name ${needed}.` }] };
      });
    },
  };
}

function toFile(module: string): string {
  return module === 'public' ? 'index' : module;
}

/** The manifest of what is published: the source's own, without what is for this repository alone. */
function toManifest(name: PackageName, source: Manifest) {
  const { scripts, imports, exports, bin, publishConfig, ...kept } = source;
  const published: Published = PUBLISHED[name];
  return {
    ...kept,
    ...(published.bin === undefined
      ? { exports: toExports(name, published) }
      : { bin: { [published.bin]: `${published.bin}.js` } }),
    // Beside what npm always takes.
    files: ['**/*.js', '**/*.d.ts', 'CHANGELOG.md'],
    publishConfig: { access: 'public' },
  };
}

function toExports(folder: PackageName, { entries, inPages }: Published) {
  const exports = Object.entries(entries).map(([specifier, module]) => {
    const file = toFile(module);
    const types = `./types/${folder}/${module}.d.ts`;
    if (inPages === undefined) return [specifier, { types, default: `./${file}.js` }];
    const [node, browser] = [`./node/${file}.js`, `./browser/${file}.js`];
    if (!inPages.includes(specifier)) return [specifier, { types, default: node }];
    // A place that is neither, such as a worker at the edge, has fetch, and may have no modules of Node.
    return [specifier, { types, browser, node, default: browser }];
  });
  return { ...Object.fromEntries(exports), './package.json': './package.json' };
}

if (import.meta.main) {
  for (const folder of await buildPackages()) console.log(relative(root, folder));
}
