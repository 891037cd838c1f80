import { describe, expect, test } from 'vitest';
import { INSPECTION_FACTS } from '../../../src/lib/inspect/facts.ts';
import { INSPECTION_LIMITS } from '../../../src/lib/inspect/file.ts';
import { FLAWS, LIMITED_FACTS } from '../../../src/lib/inspect/flaws.ts';
import { flawsOf, isRejectable, toLimits } from '../../../src/lib/inspect/judge.ts';

describe('a policy refuses', () => {
  test.each([
    ['macros', true, 'it has macros'],
    ['external', ['evil.example'], 'it loads parts of itself from elsewhere (evil.example)'],
    ['csv.formulas', 3, 'it has cells that spreadsheets run as formulas (3)'],
    ['csv.ragged', 7, 'it has rows with different numbers of columns (line 7)'],
    ['malformed', 'line 2: a comma is missing', 'it is malformed (line 2: a comma is missing)'],
  ])('a file for %s', (fact, value, flaw) => {
    expect(flawsOf({ [fact]: value }, { reject: [fact] })).toEqual([flaw]);
    expect(flawsOf({ [fact]: value }, { reject: [] })).toEqual([]);
    expect(flawsOf({ [fact]: value })).toEqual([]);
  });

  test.each([[false], [0], [[]], ['']])('no file whose fact is %j', (value) => {
    expect(flawsOf({ macros: value as never }, { reject: ['macros'] })).toEqual([]);
    expect(flawsOf({}, { reject: ['macros'] })).toEqual([]);
  });

  test('whatever went beyond a limit, with the numbers', () => {
    const inspection = { exceeded: 'ratio', 'exceeded.found': 1200.5, 'exceeded.most': 250 };
    expect(flawsOf(inspection)).toEqual(['its compression ratio: 1,200.5 found, at most 250 allowed']);
  });

  test('what is beyond a limit of its own', () => {
    expect(flawsOf({ 'pdf.pages': 30 }, { limits: { pages: 20 } })).toEqual([
      'its pages: 30 found, at most 20 allowed',
    ]);
    expect(flawsOf({ 'pdf.pages': 20 }, { limits: { pages: 20 } })).toEqual([]);
  });

  test('tells a limit once', () => {
    const inspection = { 'pdf.pages': 30, exceeded: 'pages', 'exceeded.found': 30, 'exceeded.most': 20 };
    expect(flawsOf(inspection, { limits: { pages: 20 } })).toHaveLength(1);
  });
});

test('the limits of a policy are never wider than the built-in ones', () => {
  expect(toLimits({ limits: { pages: 5, frames: Number.MAX_SAFE_INTEGER } })).toEqual({
    ...INSPECTION_LIMITS,
    pages: 5,
  });
});

test.each(Object.entries(LIMITED_FACTS))('%s is a number, and %s is a limit', (fact, limit) => {
  expect(INSPECTION_FACTS[fact as keyof typeof INSPECTION_FACTS].kind).toBe('number');
  expect(INSPECTION_LIMITS[limit]).toBeGreaterThan(0);
});

test('every flaw is of a fact, and only such facts can be rejected', () => {
  for (const name of Object.keys(FLAWS)) expect(INSPECTION_FACTS).toHaveProperty([name]);
  expect(isRejectable('macros')).toBe(true);
  expect(isRejectable('picture.width')).toBe(false);
  expect(isRejectable('constructor')).toBe(false);
});
