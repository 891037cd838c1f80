import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingTable } from '../../../src/lib/connection/settings/table.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const code = (words: readonly string[] = []) => words.map((word) => `\`${word}\``).join(', ');

it('lists every setting in docs/connection.md with the places it is looked for and its default', () => {
  const rows = read('docs/connection.md')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 6 && cells[1]?.startsWith('`'));
  const expected = Object.entries(settingTable).map(([name, { environment, file, otherwise }]) => [
    '',
    `\`${name}\``,
    code(environment),
    code(file),
    otherwise === undefined ? '' : `\`${otherwise}\``,
    '',
  ]);
  expect(rows).toEqual(expected);
});

describe('the classes of errors', () => {
  const folder = 'src/lib/connection/errors';
  const sources = readdirSync(new URL(`../../../${folder}`, import.meta.url))
    .filter((file) => file !== 'connection-error.ts')
    .map((file) => read(`${folder}/${file}`));
  const all = (pattern: RegExp) => sources.map((source) => pattern.exec(source)?.[1] ?? source);

  it('have a code each that no other has, and their own name', () => {
    const codes = all(/code = '([a-z-]+)'/);
    expect(new Set(codes).size).toBe(sources.length);
    expect(all(/name = '(\w+)'/)).toEqual(all(/export class (\w+)/));
  });

  it('are named in docs/from-boto3.md, all but those that boto3 has no word for', () => {
    const page = read('docs/from-boto3.md');
    const missing = all(/export class (\w+)/).filter((name) => !page.includes(`\`${name}\``));
    expect(missing.toSorted()).toEqual(['AbortedError', 'UnexpectedError']);
  });
});
