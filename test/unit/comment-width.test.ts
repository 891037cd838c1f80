import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FILES = globSync('{src,packages,test,bench,local,infra,examples}/**/*.{ts,tsx,cjs,mjs}', {
  exclude: (path) => /(?:^|\/)(?:node_modules|dist)(?:$|\/)/.test(path),
});

const COMMENT = /^\s*(?:\/\/|\/\*|\*)/;
const ADDRESS = /^\s*(?:\/\/|\*) https:\S+$/;

// Biome breaks lines of code, and leaves comments as they are. An address cannot be broken.
test('comments are no wider than lines of code', () => {
  const { lineWidth } = JSON.parse(readFileSync('biome.json', 'utf8')).formatter;
  const tooWide = FILES.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        line.length > lineWidth && COMMENT.test(line) && !ADDRESS.test(line) ? [`${path}:${index + 1}`] : [],
      ),
  );
  expect(FILES.length).toBeGreaterThan(500);
  expect(tooWide).toEqual([]);
});
