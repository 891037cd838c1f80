import { readdirSync, readFileSync } from 'node:fs';
import { ADVICE } from '@sluice/connection/advice';
import { CHECKS } from '@sluice/connection/doctor/finding';
import { settingTable } from '@sluice/connection/settings/table';
import { describe, expect, test } from 'vitest';
import { SETTING_OF } from '../../../packages/cli/src/storage/connect.ts';
import { FIELD_OF, OBJECT_OPTIONS } from '../../../packages/cli/src/storage/object-options.ts';
import { STORAGE_OPTIONS } from '../../../packages/cli/src/storage/options.ts';

/** Options whose value is not passed on as it is. */
const OPTIONS_WITH_A_FORM = [
  ['Metadata', 'metadata'],
  ['ObjectLockRetainUntilDate', 'object-lock-retain-until-date'],
  ['SSECustomerKey', 'sse-c-key'],
  ['CopySourceSSECustomerKey', 'sse-c-copy-source-key'],
  ['RequestPayer', 'request-payer'],
] as const;

function read(path: string) {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

function code(words: readonly string[] = []) {
  return words.map((word) => `\`${word}\``).join(', ');
}

/** The cells of every row of the page's tables whose first cell is code. */
function rowsOf(page: string): string[][] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** Checks have four columns too, but the second one of an error is its class. */
function isError([, second = '']: string[]) {
  return second.startsWith('`');
}
/** The fields of transfers have four, too. */
function isField([, second = '']: string[]) {
  return /^(all|uploads, copies|copies)$/.test(second);
}
function errorRows() {
  return rowsOf('docs/connection.md').filter((cells) => cells.length === 4 && isError(cells));
}

describe('docs/connection.md', () => {
  test('lists every setting with the places it is looked for, its default, its unit and what is allowed', () => {
    const rows = rowsOf('docs/connection.md').filter((cells) => cells.length === 7);
    const expected = Object.entries(settingTable).map(([name, { environment, file, otherwise, rule }]) => [
      `\`${name}\``,
      code(environment),
      code(file),
      otherwise === undefined ? '' : `\`${otherwise}\``,
      name.endsWith('Ms')
        ? 'ms'
        : name.endsWith('Seconds')
          ? 's'
          : name.endsWith('PerSecond')
            ? 'bytes/s'
            : name.endsWith('Bytes')
              ? 'bytes'
              : '',
      // The unit has a column of its own.
      rule.allowed.replace(/^milliseconds, /, ''),
    ]);
    expect(rows.map((cells) => cells.slice(0, 6))).toEqual(expected);
    expect(rows.filter(([, , , , , , meaning]) => meaning === '')).toEqual([]);
  });

  test('lists every field of the transfers, what it is for, and the option that gives it', () => {
    const source = read('packages/connection/src/transfers/params.ts');
    const namesIn = (type: string) => {
      const [body = ''] = (source.split(`type ${type} =`)[1] ?? '').split(';\n\n');
      // A field of its own begins a line; the others are named in a list.
      const found = body.matchAll(/'([A-Z]\w+)'(?!\])|^\s+readonly (\w+)\?:/gm);
      return [...found].map(([, listed, own]) => listed ?? own);
    };
    const all = [...namesIn('BucketParams'), ...namesIn('ReadParams')];
    const optionOf = new Map<string | undefined, string>([
      ...Object.entries(FIELD_OF).map(([option, field]) => [field, option] as const),
      ...OPTIONS_WITH_A_FORM,
    ]);
    const expected = [
      ...all.map((name) => [name, 'all']),
      ...namesIn('ObjectParams').map((name) => [name, 'uploads, copies']),
      ...namesIn('CopyParams').map((name) => [name, 'copies']),
    ].map(([name, use]) => [`\`${name}\``, use, optionOf.has(name) ? `\`--${optionOf.get(name)}\`` : '']);
    const rows = rowsOf('docs/connection.md').filter(isField);
    expect(rows.map((cells) => cells.slice(0, 3))).toEqual(expected);
    expect([...optionOf.values()].toSorted()).toEqual(Object.keys(OBJECT_OPTIONS).toSorted());
  });

  test('names the setting of every option of the commands for S3, and no other option', () => {
    const [, table = ''] = read('docs/connection.md').split('| option | setting | in the AWS CLI |');
    const rows = (table.split('\n\n')[0] ?? '').matchAll(/^\| `--([\w-]+)`[^|]*\| `(\w+)`/gm);
    const settings = Object.fromEntries([...rows].map(([, option, setting]) => [option, setting]));
    expect(settings).toEqual(SETTING_OF);
    const others = Object.keys(STORAGE_OPTIONS).filter((option) => !(option in settings));
    expect(others).toEqual(['local', 'debug', 'json', 'help', 'version']);
  });

  test('gives for every code of the taxonomy the advice that the command line gives', () => {
    const rows = errorRows().map(([name, , , advice]) => [name, advice]);
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(Object.entries(ADVICE).map(([name, advice]) => [`\`${name}\``, advice])),
    );
  });

  test('explains every check of the doctor, in its order', () => {
    const rows = rowsOf('docs/connection.md').filter(
      (cells) => cells.length === 4 && !isError(cells) && !isField(cells),
    );
    expect(rows.map(([check]) => check)).toEqual(CHECKS.map((check) => `\`${check}\``));
  });
});

describe('the classes of errors', () => {
  const folder = 'packages/connection/src/errors';
  // A family shares a file, and every class has its own place in `sources`.
  const sources = readdirSync(new URL(`../../../${folder}`, import.meta.url)).flatMap((file) =>
    read(`${folder}/${file}`)
      .split(/^(?=export class )/m)
      .filter((part) => part.startsWith('export class ')),
  );
  const all = (pattern: RegExp) => sources.map((source) => pattern.exec(source)?.[1] ?? source);

  test('have a code each that no other has, and their own name', () => {
    const codes = all(/code = '([a-z-]+)'/);
    expect(new Set(codes).size).toBe(sources.length);
    expect(all(/name = '(\w+)'/)).toEqual(all(/export class (\w+)/));
  });

  test('stand in docs/connection.md with their code and whether they may be retried', () => {
    const retryable = sources.map((source) => {
      const [, word] = /retryable = (true|false);/.exec(source) ?? [];
      return word === undefined ? 'as its cause' : word === 'true' ? 'yes' : 'no';
    });
    const names = all(/export class (\w+)/);
    const inCode = all(/code = '([a-z-]+)'/).map((one, i) => [one, names[i], retryable[i]].join(' '));
    const onPage = errorRows().map((cells) => cells.slice(0, 3).join(' ').replaceAll('`', ''));
    expect(onPage.toSorted()).toEqual(inCode.toSorted());
  });

  test('are named in docs/from-boto3.md, all but those that boto3 has no word for', () => {
    const page = read('docs/from-boto3.md');
    const missing = all(/export class (\w+)/).filter((name) => !page.includes(`\`${name}\``));
    expect(missing.toSorted()).toEqual(['AbortedError', 'UnexpectedError']);
  });
});
