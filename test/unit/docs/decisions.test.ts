import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';

const FOLDER = 'docs/decisions';
const RECORDS = globSync(`${FOLDER}/[0-9]*.md`).toSorted();

type Decision = {
  readonly number: string;
  readonly title: string;
  readonly date: string;
  readonly status: string;
};

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

/** The record of a file; its first line is the title, its third the date and status. */
function recordOf(path: string): Decision {
  const [heading = '', , line = ''] = read(path).split('\n');
  const [, number = '', title = ''] = /^# (\d{4}): (.+)$/.exec(heading) ?? [];
  const [, date = '', status = ''] = /^Date: (\S+)\. Status: (.+)\.$/.exec(line) ?? [];
  return { number, title, date, status };
}

/** The file that a superseded record names; undefined for one that holds. */
function successorOf(status: string): string | undefined {
  return /^superseded by \[(\d{4})\]\((\1-[\w-]+\.md)\)$/.exec(status)?.[2];
}

describe('a decision', () => {
  test.each(RECORDS)('%s has a number, a title, a date and a status', (path) => {
    const { number, title, date, status } = recordOf(path);
    expect(basename(path)).toMatch(new RegExp(`^${number}-[a-z0-9-]+\\.md$`));
    expect(title).not.toBe('');
    expect(new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10)).toBe(date);
    if (status !== 'accepted') expect(successorOf(status), status).toBeDefined();
  });

  const superseded = RECORDS.filter((path) => recordOf(path).status !== 'accepted');
  test.each(superseded)('%s gives way to a later one that says what it changes', (path) => {
    const { number, date, status } = recordOf(path);
    const successor = `${FOLDER}/${successorOf(status)}`;
    expect(RECORDS).toContain(successor);
    expect(recordOf(successor).date >= date).toBe(true);
    expect(read(successor)).toContain(number);
  });

  test('has a number of its own', () => {
    const numbers = RECORDS.map((path) => recordOf(path).number);
    expect(numbers.length).toBeGreaterThan(40);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('docs/decisions/README.md', () => {
  test('lists every record in order, with its title, date and status', () => {
    const rows = [...read(`${FOLDER}/README.md`).matchAll(/^\| \[(\d{4})\]\(.+$/gm)].map(([row]) => row);
    expect(rows).toEqual(
      RECORDS.map((path) => {
        const { number, title, date, status } = recordOf(path);
        return `| [${number}](${basename(path)}) | ${title} | ${date} | ${status} |`;
      }),
    );
  });
});
