import fc from 'fast-check';
import { clip, printable, toAge, toColumns } from 'sluice/text';
import { describe, expect, test } from 'vitest';

describe('an age', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  test.each([
    ['2026-01-01T23:59:30Z', 'just now'],
    ['2026-01-02T00:00:30Z', 'just now'],
    ['2026-01-01T23:58:00Z', '2 min ago'],
    ['2026-01-01T20:30:00Z', '3 h ago'],
    ['2025-12-25T00:00:00Z', '8 d ago'],
    ['soon', 'soon'],
  ])('of %s is told as %s', (iso, text) => expect(toAge(iso, now)).toBe(text));
});

describe('text from elsewhere', () => {
  test('keeps its length and loses what moves the cursor or turns the line around', () => {
    const hostile = fc.constantFrom('\x1b[2J', '\r', '\n', '\x00', '\x9b31m', '\u202e', '\u2066', '\u200f');
    fc.assert(
      fc.property(fc.string(), hostile, fc.string(), (before, bad, after) => {
        const shown = printable(before + bad + after);
        expect(shown).toHaveLength((before + bad + after).length);
        expect(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(shown)).toBe(false);
      }),
    );
  });

  test('is left alone when it is harmless', () => {
    expect(printable('naïve 名前 – 😀.jpg')).toBe('naïve 名前 – 😀.jpg');
  });

  test.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 5, 'too …'],
    ['x', 0, '…'],
  ])('%s is clipped to %i as %s', (text, width, clipped) => expect(clip(text, width)).toBe(clipped));
});

describe('columns', () => {
  test('are as wide as their widest cell, and nothing trails', () => {
    expect(
      toColumns([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b']);
  });
});
