import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEEDS } from '../../../src/lib/log/deeds.ts';

const root = join(import.meta.dirname, '..', '..', '..');
function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function firstCellsOf(table: string): string {
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|')[1])
    .join('\n');
}

function setup() {
  const page = read('docs/operating.md');
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('src', name)));
  const all = (text: string, pattern: RegExp): string[] =>
    [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort();
  const [, metrics = ''] = page.split('\n## Metrics\n');
  return {
    page,
    metricsDocumented: all(firstCellsOf(metrics.split('\n## ', 1)[0] ?? ''), /`(\w+)`/g),
    metricsWritten: [
      ...new Set([
        ...all(
          sources.join('\n'),
          /\b(?:count|countNow|countBytes|measure|setSeconds|tally)\('([A-Z]\w+)'[,)]/g,
        ),
        ...['report-arrivals', 'report-scans'].flatMap((name) =>
          all(read(`src/lib/log/${name}.ts`), /^ {2}\w+: '([A-Z]\w+)',$/gm),
        ),
      ]),
    ].sort(),
    messagesWritten: [
      ...Object.keys(DEEDS),
      ...all(sources.join('\n'), /logger\.(?:info|warn|error)\('([^']+)'/g),
    ],
  };
}

describe('docs/operating.md', () => {
  test('has every metric that a function writes, and no other', () => {
    const { metricsDocumented, metricsWritten } = setup();
    expect(metricsWritten.length).toBeGreaterThan(0);
    expect(metricsDocumented).toEqual(metricsWritten);
  });

  test('explains every message that a function logs', () => {
    const { page, messagesWritten } = setup();
    expect(messagesWritten.length).toBeGreaterThan(0);
    expect(messagesWritten.filter((message) => !page.includes(`\`${message}\``))).toEqual([]);
  });
});
