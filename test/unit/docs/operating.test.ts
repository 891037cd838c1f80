import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function setup() {
  const page = read('docs/operating.md');
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('src', name)));
  const counting = sources.filter((text) => /\bcount(?:Now)?\(/.test(text)).join('\n');
  const all = (text: string, pattern: RegExp): string[] =>
    [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort();
  const [, metrics = ''] = page.split('\n## Metrics\n');
  return {
    page,
    metricsDocumented: all(metrics.split('\n## ', 1)[0] ?? '', /^\| `(\w+)` \|/gm),
    metricsWritten: all(counting, /(?:\bcount(?:Now)?\(|^ {2}\w+: )'([A-Z]\w+)'[,)]/gm),
    messagesWritten: all(sources.join('\n'), /logger\.(?:info|warn|error)\('([^']+)'/g),
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
