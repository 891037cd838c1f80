import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Parameters = Readonly<Record<string, string>>;

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

function setup() {
  // CloudFormation's own tags (!Ref, !Sub) mean nothing here.
  const { params }: { params: { default: Parameters } } = parse(read('serverless.yml'), {
    logLevel: 'silent',
  });
  const [, table = ''] = read('docs/configuration.md').split('\n## Parameters\n');
  const documented = [...(table.split(/\n## /, 1)[0] ?? '').matchAll(/^\| `(\w+)` \| (.+?) \| (.+) \|$/gm)];
  return { defaults: params.default, documented };
}

describe('docs/configuration.md', () => {
  test('has every parameter of serverless.yml, in its order, with its default', () => {
    const { defaults, documented } = setup();
    expect(documented.map(([, name, shown]) => [name, shown])).toEqual(
      Object.entries(defaults).map(([name, value]) => [name, value === '' ? 'empty' : `\`${value}\``]),
    );
  });

  test('gives every parameter a meaning', () => {
    const { documented } = setup();
    expect(documented.length).toBeGreaterThan(0);
    for (const [, name, , meaning = ''] of documented) expect(meaning.length, name).toBeGreaterThan(20);
  });

  test('is not undone by a command of another page that gives a parameter for one deployment only', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')];
    const forgetting = pages.filter((page) => /serverless (?:deploy|package)[^\n`]*--param/.test(read(page)));
    expect(pages.length).toBeGreaterThan(10);
    expect(forgetting).toEqual([]);
  });
});
