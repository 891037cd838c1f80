import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

function setup() {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const [, section = ''] = read('CONTRIBUTING.md').split('\n## Scripts\n');
  const table = section.split('\n## ', 1)[0] ?? '';
  const rows = [...table.matchAll(/^\| `npm (?:run )?([\w:-]+)` \| (.+) \|$/gm)];
  return { scripts: Object.keys(scripts), rows };
}

describe('the scripts of CONTRIBUTING.md', () => {
  test('are those of package.json, each in one row', () => {
    const { scripts, rows } = setup();
    expect(rows.map(([, name]) => name).toSorted()).toEqual(scripts.toSorted());
  });

  test('are explained in a sentence', () => {
    const { rows } = setup();
    for (const [, name, meaning] of rows) expect(meaning, name).toMatch(/^[A-Z].{20,}[.`]$/);
  });

  test('are run as npm runs them: only start and test need no "run"', () => {
    const { rows } = setup();
    const short = rows.filter(([row]) => !row.includes('npm run')).map(([, name]) => name);
    expect(short.toSorted()).toEqual(['start', 'test']);
  });
});
