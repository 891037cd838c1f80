import { readFileSync } from 'node:fs';
import { REFUSALS } from '@sluice/contract/refusals';
import { REJECT_REASONS } from '@sluice/contract/verdict';
import { describe, expect, test } from 'vitest';

function setup() {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const section = (title: string): string => {
    const [, text = ''] = page.split(`\n## ${title}\n`);
    return text.split(/\n## /, 1)[0] ?? '';
  };
  /** The cells of every row of the section's tables whose first cell is a code. */
  const rows = (title: string): string[][] =>
    section(title)
      .split('\n')
      .filter((line) => /^\| `\w+` \|/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      );
  return { rows };
}

describe('docs/errors.md', () => {
  test('has every row of the refusal table once, with its status, its retry advice and its title', () => {
    const documented = setup()
      .rows('Refusal codes')
      .map((cells) => cells.slice(0, 4));
    const inCode = Object.entries(REFUSALS).map(([code, [status, retryable, title]]) => [
      `\`${code}\``,
      String(status),
      retryable ? 'yes' : 'no',
      title,
    ]);
    expect(
      documented.toSorted(),
      'the rows of docs/errors.md are those of packages/contract/src/refusals.ts: code, status, retry and title',
    ).toEqual(inCode.toSorted());
  });

  test('tells for every refusal what to do', () => {
    const withoutAdvice = setup()
      .rows('Refusal codes')
      .filter(([, , , , advice = '']) => advice === '');
    expect(withoutAdvice, 'the last column of these rows of docs/errors.md is empty').toEqual([]);
  });

  test('explains every reject reason, in the order of the code', () => {
    const documented = setup()
      .rows('Reject reasons')
      .map(([reason]) => reason);
    expect(
      documented,
      'the reject reasons of docs/errors.md are those of packages/contract/src/verdict.ts, in its order',
    ).toEqual(REJECT_REASONS.map((reason) => `\`${reason}\``));
  });
});
