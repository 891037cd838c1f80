// What is published, looked at as npm packs it.
import { readdir, readFile, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import * as errors from '@sluice/connection/errors';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PackageName, PUBLISHED } from '../../packages/build.ts';
import { type Packed, packAll } from '../packages/pack.ts';

let all: Awaited<ReturnType<typeof packAll>>;

beforeAll(async () => {
  all = await packAll();
}, 60_000);

afterAll(() => all[Symbol.asyncDispose]());

const NAMES = Object.keys(PUBLISHED) as PackageName[];

function packed(name: PackageName): Packed {
  const found = all.packed.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} was not packed`);
  return found;
}

async function manifestOf(name: PackageName) {
  return JSON.parse(await readFile(join(packed(name).folder, 'package.json'), 'utf8'));
}

describe('what is published', () => {
  test.each(NAMES)('of %s is nothing that publint finds fault with', async (name) => {
    const { messages } = await publint({ pkgDir: packed(name).folder, strict: true, pack: false });
    const manifest = await manifestOf(name);
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test.each(NAMES.filter((name) => name !== 'cli'))(
    'of %s has types that are right wherever it is imported',
    async (name) => {
      const tarball = createPackageFromTarballData(await readFile(packed(name).tarball));
      const analysis = await checkPackage(tarball);
      if (analysis.types === false) throw new Error('there are no types');
      // Packages are ES modules, which Node gives to `require` as well; what TypeScript calls node10 is Node
      // before 12.
      const problems = analysis.problems.filter(
        ({ kind, ...problem }) =>
          kind !== 'CJSResolvesToESM' &&
          !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
      );
      expect(problems).toEqual([]);
      expect(Object.keys(analysis.entrypoints)).toEqual([
        ...Object.keys(PUBLISHED[name].entries),
        './package.json',
      ]);
    },
  );

  test.each(NAMES)(
    'of %s are modules and types, its manifest, README and licence, and no source',
    async (name) => {
      const files = await readdir(packed(name).folder, { recursive: true, withFileTypes: true });
      const names = files.filter((file) => file.isFile()).map((file) => file.name);
      expect(names).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
      const others = names.filter((file) => !/(\.js|\.d\.ts|^CHANGELOG\.md)$/.test(file));
      expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
    },
  );

  test.each(NAMES)('of %s imports nothing that its manifest does not name', async (name) => {
    const { folder } = packed(name);
    const { dependencies = {}, peerDependencies = {} } = await manifestOf(name);
    const files = await readdir(folder, { recursive: true });
    const texts = await Promise.all(
      files.filter((file) => /\.(js|d\.ts)$/.test(file)).map((file) => readFile(join(folder, file), 'utf8')),
    );
    const imported = texts.flatMap((text) =>
      [
        ...text.matchAll(
          /(?:^(?:import|export|\}) ?[^;'"]*?from |^import |\bimport\()["']([^."'][^"']*)["']/gm,
        ),
      ].map(([, specifier = '']) => specifier),
    );
    const packages = imported
      .filter((specifier) => !isBuiltin(specifier))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    const named = Object.keys({ ...dependencies, ...peerDependencies });
    expect(named.toSorted()).toEqual([...new Set(packages)].toSorted());
  });

  test('of the command line loads no SDK before a command asks for it', async () => {
    const { folder } = packed('cli');
    const loaded = new Set(['sluice.js']);
    const foreign: string[] = [];
    for (const module of loaded) {
      const text = await readFile(join(folder, module), 'utf8');
      for (const [, specifier = ''] of text.matchAll(/^(?:import |\} from |import [^"]* from )"([^"]+)"/gm)) {
        if (specifier.startsWith('.')) loaded.add(join(dirname(module), specifier));
        else if (!isBuiltin(specifier)) foreign.push(specifier);
      }
    }
    expect(loaded.size).toBeGreaterThan(1);
    expect(foreign).toEqual([]);
  });

  // What is downloaded. Raise a budget in a commit of its own that says what was bought with it.
  test.each([
    ['contract', 29],
    ['client', 49],
    ['connection', 100],
    ['cli', 156],
  ] as const)('of %s is a download of at most %i KiB', async (name, budgetKiB) => {
    const sizeKiB = (await stat(packed(name).tarball)).size / 1024;
    expect(sizeKiB).toBeLessThan(budgetKiB);
    expect(sizeKiB).toBeGreaterThan(budgetKiB * 0.7);
  });

  test('of the client needs nothing at all', async () => {
    const { dependencies, peerDependenciesMeta } = await manifestOf('client');
    expect(dependencies).toBeUndefined();
    expect(peerDependenciesMeta).toEqual({ react: { optional: true } });
  });
});

test('the entry for errors has every class of them', async () => {
  const folder = 'packages/connection/src/errors';
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  );
  const classes = texts.flatMap((text) =>
    [...text.matchAll(/^export (?:abstract )?class (\w+)/gm)].map(([, name = '']) => name),
  );
  expect(classes.length).toBeGreaterThan(30);
  expect(Object.keys(errors)).toEqual(expect.arrayContaining(classes));
});

test.each(NAMES)('the source folder of %s says what to do instead when it is packed', async (name) => {
  const { scripts, publishConfig } = JSON.parse(
    await readFile(join('packages', name, 'package.json'), 'utf8'),
  );
  expect(scripts.prepack).toContain(`npm run build:packages, then pack or publish packages/${name}/dist`);
  expect(scripts.prepack).toMatch(/exit 1$/);
  expect(publishConfig).toEqual({ access: 'public', directory: 'dist' });
});
