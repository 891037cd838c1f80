import { describe, expect, test } from 'vitest';
import { parsePage } from '../../../src/lib/http/parse-page.ts';

describe('the page of a listing', () => {
  test('has 50 rows of any state when nothing is asked for', () => {
    expect(parsePage()).toEqual({ limit: 50 });
    expect(parsePage({})).toEqual({ limit: 50 });
  });

  test('is as asked for', () => {
    expect(parsePage({ limit: '7', state: 'accepted', reference: 'order 1', cursor: 'c' })).toEqual({
      limit: 7,
      state: 'accepted',
      reference: 'order 1',
      cursor: 'c',
    });
    expect(parsePage({ limit: '1' }).limit).toBe(1);
    expect(parsePage({ limit: '100' }).limit).toBe(100);
    expect(parsePage({ limit: '007' }).limit).toBe(7);
  });

  test.each([
    ...[
      '0',
      '101',
      '-1',
      '1.5',
      'ten',
      '',
      ' ',
      ' 5',
      '5 ',
      '+5',
      '1e2',
      '0x64',
      '0b1',
      '5,5',
      '٣',
      'NaN',
      '1_0',
    ],
    '9'.repeat(400),
  ])('is refused with the limit %j', (limit) => {
    expect(() => parsePage({ limit })).toThrow(
      expect.objectContaining({ code: 'limit_invalid', extras: { field: 'limit' } }),
    );
  });

  test.each(['', 'lost', 'ACCEPTED', 'accepted,rejected', 'constructor', 'accepted '])(
    'is refused with the state %j',
    (state) => {
      expect(() => parsePage({ state })).toThrow(expect.objectContaining({ code: 'state_filter_invalid' }));
    },
  );

  test.each(['', 'x'.repeat(257), 'é'.repeat(129), '\ud800'])(
    'is refused with the reference %j',
    (reference) => {
      expect(() => parsePage({ reference })).toThrow(
        expect.objectContaining({ code: 'reference_filter_invalid', extras: { field: 'reference' } }),
      );
    },
  );

  test('is refused with an empty cursor, which would begin the list again', () => {
    expect(() => parsePage({ cursor: '' })).toThrow(expect.objectContaining({ code: 'cursor_invalid' }));
  });
});
