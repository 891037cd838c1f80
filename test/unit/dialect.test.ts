import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// What Biome has no rule for (decision 0044). biome.json holds the rest.
const FOLDERS = ['src', 'packages', 'test', 'bench', 'local'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/.test(name) && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') })),
);

/** `path: the words` of every place in the sources that a pattern finds. */
function findAll(pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([found]) => `${path}: ${found}`),
  );
}

test('a named function at the top level of a module is a declaration, unless its type is named', () => {
  // Biome's useConsistentFunctionStyle cannot tell the top level from closures, so that arrows are left to
  // this test.
  const ARROW = /^(?:export )?const \w+ = (?:async )?(?:<[^>]*>)?(?:\([^)]*\)|\w+)(?:: [^=;]+)? =>/gm;
  expect(findAll(ARROW)).toEqual([]);
});

test('the title of a test says what is, and prescribes nothing', () => {
  expect(findAll(/^\s*(?:test|describe)(?:\.\w+)*\(\s*['"`].*\bshould\b.*$/gm)).toEqual([]);
});

test('the sources are read, all of them', () => {
  expect(sources.length).toBeGreaterThan(600);
  expect(sources.map(({ path }) => path)).toContain('test/unit/dialect.test.ts');
});
