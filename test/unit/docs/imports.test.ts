import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PUBLISHED } from '../../../packages/build.ts';

const PAGES = ['README.md', ...globSync('docs/*.md'), ...globSync('packages/*/README.md')];

const IMPORTABLE = Object.entries(PUBLISHED).flatMap(([name, { entries }]) =>
  Object.keys(entries).map((entry) => `@sluice/${name}${entry.slice(1)}`),
);

/** What the examples of a page import of this project; `./…` is a file of whoever follows them. */
function importsOf(page: string): string[] {
  const blocks = readFileSync(page, 'utf8').match(/^```[jt]sx?\n[\s\S]*?^```$/gm) ?? [];
  return blocks.flatMap((block) =>
    [...block.matchAll(/from '((?:@sluice\/|\.\.)[^']*)'/g)]
      .map(([, specifier = '']) => specifier)
      // What the reader writes.
      .filter((specifier) => specifier !== './handle.js')
      // A file of policies is part of the deployment itself.
      .filter((specifier) => !/^\.\.\/src\/(?:policies|lib\/upload\/policy)\.ts$/.test(specifier)),
  );
}

describe('the examples', () => {
  test.each(PAGES)('of %s import only what is published', (page) => {
    expect(importsOf(page).filter((specifier) => !IMPORTABLE.includes(specifier))).toEqual([]);
  });

  test('of all pages together import every package that is a library', () => {
    const packages = new Set(PAGES.flatMap(importsOf).map((specifier) => specifier.split('/')[1]));
    expect([...packages].toSorted()).toEqual(['client', 'connection', 'contract']);
  });
});
