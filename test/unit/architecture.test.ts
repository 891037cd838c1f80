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

// Not the words of a text: nothing is quoted between an import and what it imports.
const IMPORTS = /^(?:import|export)\b(?:[^'"`;]*?\bfrom)? '([^']+)'|\bimport\('([^']+)'\)/gm;

/**
 * Every module of src and the packages, with our modules and the packages of npm that it names, whether for
 * values or for types.
 */
const modules: readonly Module[] = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      const imports = [...text.matchAll(IMPORTS)].map(([, fixed, dynamic = '']) =>
        toPath(path, fixed ?? dynamic),
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

const CONTRACT = 'packages/contract/src/';
const CLIENT = 'packages/client/src/';
const CONNECTION = 'packages/connection/src/';
const SIGNER = 'packages/connection/src/sign/';

/**
 * Every room, from the ground up, and what it may import beside itself: other rooms, or packages, by how
 * their names begin. What is shared stands below those who share it.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  // What others install. Contract ← client ← command line and console; the connection layer knows nothing of
  // uploads.
  [CONTRACT]: [],
  // Not for pages, and so in no entry of the package.
  'packages/contract/src/webhook-signature.ts': ['node:crypto'],
  [CLIENT]: [CONTRACT, '#platform', '#unreachable', 'node:', 'react'],
  [SIGNER]: ['node:'],
  [CONNECTION]: [SIGNER, '@aws-sdk/', '@smithy/', 'node:'],
  'packages/console/src/': [CONTRACT, CLIENT, '@uppy/'],
  'packages/cli/src/': [CONTRACT, CLIENT, CONNECTION, 'packages/cli/package.json', 'node:'],

  // The service: what bytes are, and the path of an upload, without SDK, environment, clock or logger.
  'src/lib/sniff/': [CONTRACT, 'node:zlib', 'file-type'],
  'src/lib/inspect/': [CONTRACT, 'src/lib/sniff/', 'node:'],
  'src/lib/upload/': [
    CONTRACT,
    'src/lib/due/',
    'src/lib/grant/',
    'src/lib/inspect/judge.ts',
    'src/lib/quota/',
    'src/lib/sniff/',
    'node:crypto',
  ],
  // What an owner and a tenant may have, and how often they may ask.
  'src/lib/quota/': [CONTRACT, 'node:crypto'],
  // What a grant allows. Only its making looks at the policies.
  'src/lib/grant/': [
    CONTRACT,
    'src/lib/held.ts',
    'src/lib/upload/choose-policy.ts',
    'src/lib/upload/policy.ts',
    'node:crypto',
  ],
  'src/policies.ts': [CONTRACT, 'src/lib/upload/policy.ts'],
  // clamd's protocol, and what it says of a file.
  'src/lib/clamav/': [CONTRACT, 'src/lib/upload/faults.ts', 'node:net', 'node:timers/promises'],
  // What is sent, to whom and when; and the one place that calls addresses that somebody gave.
  'src/lib/webhook/': [CONTRACT, 'src/lib/due/', 'node:', 'ipaddr.js'],
  // What is asked of scanners, and what they say.
  'src/lib/scan/': [CONTRACT, 'src/lib/upload/'],
  // What every function finds around it.
  'src/lib/settings.ts': [`${CONNECTION}settings/`],
  'src/lib/held.ts': [],
  // Rows that are due, whatever they are of.
  'src/lib/due/': [],
  'src/lib/version.ts': [],
  'src/lib/entry.ts': ['src/lib/settings.ts', 'aws-lambda'],
  // What becomes of a settled upload: events, their feed and their bus.
  'src/lib/event/': [CONTRACT, 'src/lib/upload/'],
  // The ways in, and what the operator reads.
  'src/lib/intake/': [`${CONNECTION}transfers/workers.ts`, 'src/lib/upload/'],
  'src/lib/log/': [
    CONTRACT,
    CONNECTION,
    'src/lib/event/',
    'src/lib/intake/',
    'src/lib/settings.ts',
    'src/lib/upload/',
    'src/lib/webhook/',
    '@aws-lambda-powertools/',
    'node:crypto',
  ],
  // What an operator may have done, by the service's own ledger and stores.
  'src/lib/admin/': [
    CONTRACT,
    `${CONNECTION}transfers/workers.ts`,
    'src/lib/grant/blocks.ts',
    'src/lib/intake/',
    'src/lib/quota/',
    'src/lib/scan/',
    'src/lib/upload/',
    'src/lib/webhook/',
    'node:crypto',
    'valibot',
  ],
  'src/lib/caller/': [CONTRACT, 'src/lib/held.ts', 'src/lib/upload/tenant.ts', 'jose'],
  'src/lib/http/': [
    CONTRACT,
    CONNECTION,
    'src/lib/event/',
    'src/lib/grant/',
    'src/lib/caller/',
    'src/lib/held.ts',
    'src/lib/intake/',
    'src/lib/log/',
    'src/lib/settings.ts',
    'src/lib/upload/',
    'src/lib/webhook/',
    '@aws-lambda-powertools/',
    '@middy/core',
    'aws-lambda',
    'node:crypto',
    'valibot',
  ],
  'src/lib/uppy/': [CONTRACT, 'src/lib/grant/', 'src/lib/http/', 'src/lib/upload/', 'aws-lambda', 'valibot'],
  'src/lib/page/': [CONTRACT, CONNECTION, 'src/lib/settings.ts', 'node:'],
  // The adapters: what the core asks for, by the SDK. Then all of it put together.
  'src/lib/aws/': [
    CONTRACT,
    CONNECTION,
    'src/lib/admin/',
    'src/lib/event/',
    'src/lib/grant/',
    'src/lib/held.ts',
    'src/lib/intake/',
    'src/lib/log/',
    'src/lib/quota/',
    'src/lib/scan/',
    'src/lib/settings.ts',
    'src/lib/upload/',
    'src/lib/webhook/',
    '@aws-sdk/',
    '@smithy/',
    'node:',
  ],
  'src/lib/wiring/': [CONTRACT, CONNECTION, 'src/lib/'],
  'src/handlers/': [
    CONTRACT,
    CONNECTION,
    'src/lib/',
    'src/policies.ts',
    '@aws-lambda-powertools/',
    '@middy/core',
    'aws-lambda',
    'node:crypto',
    'node:timers/promises',
  ],
};

/** The room that a module is in: the innermost, where one is within another. */
function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => path.startsWith(room))
    .toSorted((a, b) => b.length - a.length)[0];
}

/** Our modules that a module names. */
const importsOf = new Map(modules.map(({ path, imports }) => [path, imports]));

/** The first circle of imports that is found, as `a → b → a`; undefined when there is none. */
function findCircle(): string | undefined {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    if (done.has(path)) return undefined;
    for (const target of importsOf.get(path) ?? []) {
      const circle = visit(target, [...trail, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of modules) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

// The parts of the client that a bundle for browsers leaves out.
const NODE_ONLY = [
  'packages/client/src/platform-node.ts',
  'packages/client/src/file.ts',
  'packages/client/src/node.ts',
];

describe('imports go one way', () => {
  test('every module is in a room', () => {
    expect(modules.filter(({ path }) => roomOf(path) === undefined).map(({ path }) => path)).toEqual([]);
  });

  test.each(Object.entries(ROOMS))('%s imports itself, and of others what its row names', (room, others) => {
    const mayImport = (target: string) =>
      roomOf(target) === room || others.some((other) => target.startsWith(other));
    expect(offences((path) => roomOf(path) === room, mayImport)).toEqual([]);
  });

  test.each(Object.entries(ROOMS))('the row of %s names nothing that it does not import', (room, others) => {
    const used = modules.filter(({ path }) => roomOf(path) === room).flatMap(({ imports }) => imports);
    expect(others.filter((other) => !used.some((target) => target.startsWith(other)))).toEqual([]);
  });

  test('and never in a circle, not even of types', () => {
    expect(findCircle()).toBeUndefined();
  });

  test('no handler imports another', () => {
    expect(offences(isIn('src/handlers'), (target) => !isIn('src/handlers')(target))).toEqual([]);
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
