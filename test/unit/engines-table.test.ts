import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIFFERENCES } from '../engines/differences.ts';
import { filesOf, SUITES, TABLE_ENGINES } from '../engines/suites.ts';
import {
  AS_AWS,
  compareTables,
  type Outcome,
  readTable,
  toCells,
  toMarkdown,
  writeTable,
} from '../engines/table.ts';

const page = readFileSync('docs/engines.md', 'utf8');
const [difference] = DIFFERENCES;
if (difference === undefined) throw new Error('there are no differences to test with');

function outcome(changes: Partial<Outcome> = {}): Outcome {
  return { engine: 'moto', file: 'sign.test.ts', title: 'a presigned PUT > is refused', ...changes };
}

describe('docs/engines.md', () => {
  test('has a row for each suite that runs on an engine', () => {
    const suites = [...readTable(page).keys()].map((row) => /`([^`]+)`/.exec(row)?.[1]);
    const files = new Set(TABLE_ENGINES.flatMap(filesOf).map((file) => file.replace(/\.test\.ts$/, '')));
    expect([...new Set(suites)].toSorted()).toEqual([...files].toSorted());
  });

  test('says of each engine what the list of differences says, beside its suite, and nothing else', () => {
    const told = [...readTable(page)].flatMap(([row, engines]) =>
      [...engines]
        .filter(([, cell]) => cell !== AS_AWS)
        .flatMap(([engine, cell]) =>
          cell.split('<br>').map((text) => `${engine}: ${/`([^`]+)`/.exec(row)?.[1]}: ${text}`),
        ),
    );
    const listed = DIFFERENCES.map(
      ({ engine, file, engineDoes }) =>
        `${engine}: ${file.replace(/\.test\.ts$/, '')}: ${toMarkdown(engineDoes)}`,
    );
    expect([...new Set(told)].toSorted()).toEqual([...new Set(listed)].toSorted());
  });

  test('says nothing of a suite that an engine does not run', () => {
    for (const [row, engines] of readTable(page)) {
      const file = `${/`([^`]+)`/.exec(row)?.[1]}.test.ts`;
      expect([...engines.keys()], row).toEqual(
        TABLE_ENGINES.filter((engine) => filesOf(engine).includes(file)),
      );
    }
    expect(SUITES.versitygw).not.toContain('ledger.test.ts');
  });
});

describe('the table of a run', () => {
  test('tells each difference of a group once, and of a group without any that it is as AWS', () => {
    const cells = toCells([
      outcome(),
      outcome({ title: 'a presigned PUT > is refused twice', difference }),
      outcome({ title: 'a presigned PUT > is refused again', difference }),
      outcome({ title: 'a presigned GET > gives the object' }),
      outcome({ engine: 'versitygw' }),
    ]);
    expect(cells.get('| `sign` | a presigned PUT |')?.get('moto')).toBe(difference.engineDoes);
    expect(cells.get('| `sign` | a presigned PUT |')?.get('versitygw')).toBe(AS_AWS);
    expect(cells.get('| `sign` | a presigned GET |')?.get('moto')).toBe(AS_AWS);
    expect(cells.get('| `sign` | a presigned GET |')?.get('versitygw')).toBeUndefined();
  });

  test('is read from a page as it was written', () => {
    const cells = toCells([
      outcome({ difference }),
      outcome({ engine: 'versitygw' }),
      outcome({ engine: 'MiniStack' }),
    ]);
    const written = writeTable(page, cells);
    expect(readTable(written)).toEqual(cells);
    expect(written.startsWith(page.slice(0, 200))).toBe(true);
  });

  test('disagrees with a page that tells what is no longer so, or lacks a group, and only of engines that ran', () => {
    const committed = toCells([outcome({ difference }), outcome({ engine: 'versitygw', difference })]);
    const run = toCells([outcome(), outcome({ title: 'a key > is found' })]);
    expect(compareTables(committed, run, ['moto'])).toEqual([
      `| \`sign\` | a presigned PUT | moto: the page says "${difference.engineDoes}", the run gave "as AWS"`,
      '| `sign` | a key | moto: the page says "–", the run gave "as AWS"',
    ]);
    expect(compareTables(committed, committed, ['moto', 'versitygw'])).toEqual([]);
  });
});
