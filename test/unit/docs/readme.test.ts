import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const [BEFORE_DEPLOYING = ''] = readFileSync('README.md', 'utf8').split('\n## Deploy it\n');

function blocksOf(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...BEFORE_DEPLOYING.matchAll(fence)].map(([, block = '']) => block);
}

describe('the first ten minutes of README.md', () => {
  test('send files that are in the clone, or that the page itself writes', () => {
    const commands = blocksOf('console').join('\n');
    const sent = [...commands.matchAll(/^\$ npx sluice upload (\S+)$/gm)].map(([, file = '']) => file);
    const written = [...commands.matchAll(/> (\S+)$/gm)].map(([, file = '']) => file);
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.filter((file) => !existsSync(file) && !written.includes(file))).toEqual([]);
  });

  test('use no variable that the page has not set before, such as a token', () => {
    const shell = blocksOf('sh').join('\n');
    const unset = [...shell.matchAll(/\$([A-Z]\w*)/g)].filter(
      ({ index, 1: name }) => !new RegExp(`^${name}=`, 'm').test(shell.slice(0, index)),
    );
    expect(shell).toContain('$TOKEN');
    expect(unset.map(([use]) => use)).toEqual([]);
  });

  test('set file variables to files that are in the clone', () => {
    const files = [
      ...blocksOf('sh')
        .join('\n')
        .matchAll(/^FILE=(\S+)$/gm),
    ].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
