import type { AdminPage } from '@sluice/contract/admin';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCall } from '../../../src/lib/admin/parse-call.ts';
import { BadCall, walk } from '../../../src/lib/admin/walk.ts';

describe('a call', () => {
  test.each([
    [{ schema: 1, command: 'show', id: 'x' }],
    [
      {
        schema: 1,
        command: 'announce',
        ids: ['x'],
        dryRun: true,
        cursor: '100',
        operator: 'arn:aws:iam::1:user/a',
      },
    ],
    [{ schema: 1, command: 'announce', stuckForSeconds: 300 }],
    [
      {
        schema: 1,
        command: 'reconcile',
        report: { kind: 'objects', bucket: 'store', objects: [{ key: 'a', size: 0 }] },
      },
    ],
    [
      {
        schema: 1,
        command: 'reconcile',
        repair: true,
        report: { kind: 'rows', madeAt: 1, segment: { number: 0, of: 4 } },
      },
    ],
    [{ schema: 1, command: 'reconcile', report: { kind: 'files', ids: ['x'] } }],
  ])('is taken as it is: %j', (call) => {
    expect(parseCall(call)).toEqual(call);
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'show'],
    ['a command that there is not', { schema: 1, command: 'destroy' }],
    ['a newer schema', { schema: 2, command: 'show', id: 'x' }],
    ['a field that is not known', { schema: 1, command: 'show', id: 'x', force: true }],
    ['a field of the wrong type', { schema: 1, command: 'announce', ids: 'x' }],
    ['an empty list', { schema: 1, command: 'announce', ids: [] }],
    ['too long a list', { schema: 1, command: 'announce', ids: Array.from({ length: 10_001 }, () => 'x') }],
    ['a report of no bucket', { schema: 1, command: 'reconcile', report: { kind: 'objects', objects: [] } }],
    [
      'too long a part of a report',
      {
        schema: 1,
        command: 'reconcile',
        report: { kind: 'files', ids: Array.from({ length: 5_001 }, () => 'x') },
      },
    ],
    ['both of two ways', { schema: 1, command: 'announce', ids: ['x'], stuckForSeconds: 1 }],
    ['a field that would be undefined', { schema: 1, command: 'show', id: 'x', cursor: undefined }],
  ])('is refused with %s', (_name, payload) => {
    expect(() => parseCall(payload)).toThrow(BadCall);
  });

  test('is refused whatever else it is, and never fails otherwise', () => {
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        expect(() => parseCall(payload)).toThrow(BadCall);
      }),
    );
  });
});

describe('a walk', () => {
  /** Steps that count from 0 to `length`, one item each. */
  function steps(length: number, detail = '') {
    return async (cursor = '0'): Promise<AdminPage> => {
      const next = Number(cursor) + 1;
      return {
        counts: { done: 1 },
        items: [{ id: cursor, outcome: 'done', detail }],
        ...(next < length && { cursor: String(next) }),
      };
    };
  }

  test('goes to the end, and adds up what its steps did', async () => {
    const page = await walk(steps(5), undefined, () => true);
    expect(page.counts).toEqual({ done: 5 });
    expect(page.items.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4']);
    expect(page.cursor).toBeUndefined();
  });

  test('takes one step at least, and says where the next begins when the time is over', async () => {
    expect(await walk(steps(5), '2', () => false)).toMatchObject({ counts: { done: 1 }, cursor: '3' });
  });

  test('ends before its answer is larger than Lambda takes', async () => {
    const page = await walk(steps(100, 'x'.repeat(500_000)), undefined, () => true);
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(6_000_000);
    expect(page.cursor).toBe('8');
  });
});
