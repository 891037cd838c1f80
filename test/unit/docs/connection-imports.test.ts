import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PUBLISHED } from '../../../packages/build.ts';

// `| to | import | from |`, where several functions may share several entries of the package, in the same
// order.
const ROW = /^\| [^|]+ \| (`[^|]+) \| (`@sluice\/connection[^|]*) \|$/gm;

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

const rows = [...read('docs/connection.md').matchAll(ROW)].map(([, names = '', from = '']) => {
  const entries = codeIn(from).map((entry) => (entry.startsWith('/') ? `@sluice/connection${entry}` : entry));
  return { names: codeIn(names).filter((name) => name !== '…'), entries };
});

async function exportsOf(entries: readonly string[]): Promise<string[]> {
  const modules = await Promise.all(entries.map((entry) => import(entry)));
  return modules.flatMap((module) => Object.keys(module));
}

test.each(rows)('docs/connection.md names $names where $entries has them', async ({ names, entries }) => {
  const exported = await exportsOf(entries);
  expect(names.filter((name) => !exported.includes(name))).toEqual([]);
});

test('the rows are all of the table', () => {
  expect(rows.length).toBeGreaterThan(12);
});

test('every function and class of the connection layer that its pages name can be imported', async () => {
  const text = ['docs/connection.md', 'docs/from-boto3.md', 'packages/connection/README.md']
    .map(read)
    .join('\n');
  const named = new Set(codeIn(text).map((code) => /^\w+/.exec(code)?.[0] ?? ''));
  const own = globSync('packages/connection/src/**/*.ts').flatMap((path) =>
    [...read(path).matchAll(/^export (?:abstract |async )?(?:function\*?|class) (\w+)/gm)].map(
      ([, name = '']) => name,
    ),
  );
  const entries = Object.keys(PUBLISHED.connection.entries);
  const exported = await exportsOf(entries.map((entry) => `@sluice/connection${entry.slice(1)}`));
  // One word in small letters may as well be a code, such as `aborted`.
  const mentioned = own.filter((name) => named.has(name) && /[A-Z]/.test(name));
  expect(mentioned.length).toBeGreaterThan(40);
  expect(mentioned.filter((name) => !exported.includes(name))).toEqual([]);
});
