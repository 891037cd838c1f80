import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

type Module = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

const PACKAGES = ['contract', 'client', 'connection', 'cli', 'console'] as const;
const FOLDERS = ['src', ...PACKAGES.map((name) => `packages/${name}/src`)];

/** What is imported: the path of one of our modules, or a package's name. */
function toPath(importer: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative('.', join(dirname(importer), specifier));
  const [, name, module] =
    /^(?:@sluice\/)?(contract|client|connection|console|sluice)\/(.+)$/.exec(specifier) ?? [];
  return name === undefined ? specifier : `packages/${name === 'sluice' ? 'cli' : name}/src/${module}.ts`;
}

/** Every module of src and the packages, with our modules and the packages of npm that it names, whether for values or for types. */
const modules: readonly Module[] = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) =>
        toPath(path, specifier),
      );
      return { path, text, imports };
    }),
);

function isIn(folder: string) {
  return (path: string) => path.startsWith(`${folder}/`);
}

/** `importer → imported` for every import from `from` that `mayImport` does not allow. */
function offences(from: (path: string) => boolean, mayImport: (target: string) => boolean): string[] {
  return modules
    .filter(({ path }) => from(path))
    .flatMap(({ path, imports }) =>
      imports.filter((target) => !mayImport(target)).map((target) => `${path} → ${target}`),
    );
}

// The parts of the client that a bundle for browsers leaves out.
const NODE_ONLY = [
  'packages/client/src/platform-node.ts',
  'packages/client/src/file.ts',
  'packages/client/src/node.ts',
];

describe('imports go one way', () => {
  test('the core of an upload imports itself, the contract and what is pure of Node, and nothing of AWS', () => {
    const core = (path: string) => isIn('src/lib/upload')(path) || isIn('src/lib/sniff')(path);
    const allowed = (target: string) =>
      core(target) ||
      isIn('packages/contract/src')(target) ||
      ['node:crypto', 'node:zlib', 'file-type'].includes(target);
    expect(offences(core, allowed)).toEqual([]);
  });

  test('what bytes are is told without knowing uploads, but for the names of their types and charsets', () => {
    const allowed = (target: string) => isIn('src/lib/sniff')(target) || !isIn('src')(target);
    expect(
      offences(isIn('src/lib/sniff'), allowed).filter(
        (line) => !/\/(content-types|encoding|own-types)\.ts$/.test(line),
      ),
    ).toEqual([]);
  });

  test('the signer imports itself and Node', () => {
    const allowed = (target: string) =>
      isIn('packages/connection/src/sign')(target) || target.startsWith('node:');
    expect(offences(isIn('packages/connection/src/sign'), allowed)).toEqual([]);
  });

  test('nothing in lib imports a handler, the command line, the console or the client', () => {
    const outer = ['src/handlers', 'packages/cli/src', 'packages/console/src', 'packages/client/src'].map(
      isIn,
    );
    expect(offences(isIn('src/lib'), (target) => !outer.some((is) => is(target)))).toEqual([]);
  });

  test('no handler imports another', () => {
    expect(offences(isIn('src/handlers'), (target) => !isIn('src/handlers')(target))).toEqual([]);
  });

  test('the connection layer knows nothing of uploads', () => {
    const allowed = (target: string) =>
      !target.startsWith('src/') ||
      isIn('packages/connection/src')(target) ||
      isIn('packages/connection/src/sign')(target);
    expect(offences(isIn('packages/connection/src'), allowed)).toEqual([]);
  });

  test('what runs in a browser imports nothing of Node', () => {
    const browser = (path: string) =>
      isIn('packages/console/src')(path) || (isIn('packages/client/src')(path) && !NODE_ONLY.includes(path));
    expect(offences(browser, (target) => !target.startsWith('node:'))).toEqual([]);
  });
});

describe('what is done in one place', () => {
  test('the SDK is imported by the adapters and the connection layer alone', () => {
    const mayImportSdk = (path: string) => isIn('src/lib/aws')(path) || isIn('packages/connection/src')(path);
    const isOurs = (target: string) => !/^@(aws-sdk|smithy)\//.test(target);
    expect(offences((path) => !mayImportSdk(path), isOurs)).toEqual([]);
  });

  test('a client of the SDK is constructed in the connection layer alone', () => {
    const constructs = /new \w*(S3|DynamoDB|SQS|STS|EventBridge|CloudWatch|SecretsManager)Client\(/;
    const others = modules.filter(
      ({ path, text }) => constructs.test(text) && !isIn('packages/connection/src')(path),
    );
    expect(others.map(({ path }) => path)).toEqual([]);
  });

  test('the environment of the process is read in one file', () => {
    const readers = modules.filter(({ text }) =>
      /\bprocess\.env\b(?!`)/.test(text.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, '')),
    );
    expect(readers.map(({ path }) => path).filter((path) => !isIn('packages/cli/src')(path))).toEqual([
      'src/lib/settings.ts',
    ]);
  });
});

test('the modules under test are all of them, not none', () => {
  expect(modules.length).toBeGreaterThan(150);
  expect(modules.some(({ imports }) => imports.includes('@aws-sdk/client-s3'))).toBe(true);
});
