import { readdirSync, readFileSync } from 'node:fs';
import { REFUSALS } from '@sluice/contract/refusals';
import { REJECT_REASONS } from '@sluice/contract/verdict';
import { expect, test } from 'vitest';

/** All that may refuse: the service, and the rules that it shares with its clients. */
function readSources(): string {
  return ['src', 'packages/contract/src']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((path) => path.endsWith('.ts') && path !== 'packages/contract/src/refusals.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

test('every refusal of the table is one that some code makes', () => {
  const sources = readSources();
  const unused = Object.keys(REFUSALS).filter((code) => !sources.includes(`'${code}'`));
  expect(unused, 'refusals that nothing throws: throw them, or remove their rows').toEqual([]);
});

test('every reject reason is one that a file can be given', () => {
  const source = readFileSync('src/lib/upload/decide.ts', 'utf8');
  const unused = REJECT_REASONS.filter((reason) => !source.includes(`'${reason}'`));
  expect(unused, 'reasons that src/lib/upload/decide.ts never gives').toEqual([]);
});
