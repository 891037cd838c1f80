import { readdirSync, readFileSync } from 'node:fs';
import { REFUSALS } from '@sluice/contract/refusals';
import { REJECT_REASONS } from '@sluice/contract/verdict';
import { expect, test } from 'vitest';

function read(...folders: readonly string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((path) => path.endsWith('.ts') && !path.endsWith('contract/src/refusals.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

test('every refusal of the table is one that some code makes', () => {
  // The service, and the rules that it shares with its clients.
  const sources = read('src', 'packages/contract/src');
  const unused = Object.keys(REFUSALS).filter((code) => !sources.includes(`'${code}'`));
  expect(unused, 'refusals that nothing throws: throw them, or remove their rows').toEqual([]);
});

test('every refusal and every reject reason is expected by a unit test', () => {
  const tests = read('test/unit');
  const untested = [...Object.keys(REFUSALS), ...REJECT_REASONS].filter(
    (code) => !tests.includes(`'${code}'`),
  );
  expect(untested, 'codes for which a test is missing').toEqual([]);
});

test('every reject reason is one that a file can be given', () => {
  const sources = ['decide', 'judge-scans'].map((name) => readFileSync(`src/lib/upload/${name}.ts`, 'utf8'));
  const unused = REJECT_REASONS.filter((reason) => !sources.join('').includes(`'${reason}'`));
  expect(unused, 'reasons that no verdict gives').toEqual([]);
});
