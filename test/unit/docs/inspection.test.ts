import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INSPECTION_FACTS } from '../../../src/lib/inspect/facts.ts';
import { INSPECTION_LIMITS } from '../../../src/lib/inspect/file.ts';
import { isRejectable } from '../../../src/lib/inspect/judge.ts';

const PAGE = readFileSync(new URL('../../../docs/inspection.md', import.meta.url), 'utf8');

/** The cells of a section's table. */
function rowsOf(title: string): string[][] {
  const [, text = ''] = PAGE.split(`\n## ${title}\n`);
  const section = text.split(/\n## /, 1)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:fact|limit|a policy) /.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

test('docs/inspection.md has every fact, with its kind and what it says, in the order of the code', () => {
  expect(rowsOf('Facts')).toEqual(
    Object.entries(INSPECTION_FACTS).map(([name, { kind, says }]) => [`\`${name}\``, kind, says]),
  );
});

test('docs/inspection.md has every limit, with its number', () => {
  expect(rowsOf('Limits').map(([name, most]) => [name, most])).toEqual(
    Object.entries(INSPECTION_LIMITS).map(([name, most]) => [`\`${name}\``, most.toLocaleString('en-GB')]),
  );
});

test('docs/inspection.md names in its examples only what a policy can reject', () => {
  const named = rowsOf('Policies').flatMap(([, facts = '']) => facts.split(', '));
  const [, example = ''] = /reject: \[([^\]]*)\]/.exec(PAGE) ?? [];
  const all = [...named, ...example.split(', ')].map((name) => name.replace(/^[`']|[`']$/g, ''));
  expect(all.length).toBeGreaterThan(10);
  expect(all.filter((name) => !isRejectable(name))).toEqual([]);
});
