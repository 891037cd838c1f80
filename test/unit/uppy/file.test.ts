import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFilename, toFilename } from '../../../src/lib/upload/filename.ts';
import { toDeclaration } from '../../../src/lib/uppy/file.ts';

const setup = (file: Partial<Parameters<typeof toDeclaration>[0]>) =>
  toDeclaration({ filename: 'a.png', type: 'image/png', metadata: {}, ...file });

describe('the type of a file', () => {
  test.each([
    ['as told', 'image/png', 'a.jpg', 'image/png'],
    ['by another name of it', 'image/jpg', 'a.jpg', 'image/jpeg'],
    ['without its parameters', 'text/csv;charset=utf-8', 'a', 'text/csv'],
    ['by the extension when none is told', undefined, 'a.csv', 'text/csv'],
    ['by the extension when the text of nothing is told', 'undefined', 'A.PNG', 'image/png'],
    [
      'by the extension when the browser knows no better',
      'application/octet-stream',
      'a.parquet',
      'application/vnd.apache.parquet',
    ],
    ['by the extension when the system has its own name', 'application/vnd.ms-excel', 'a.csv', 'text/csv'],
    ['as told when the extension says nothing', 'application/x-own', 'a.own', 'application/x-own'],
    ['unknown when nothing tells', 'null', 'Makefile', 'application/octet-stream'],
    ['unknown for a name that is all extension', '', '.png', 'application/octet-stream'],
  ])('is taken %s', (_how, type, filename, expected) => {
    expect(setup({ type, filename }).contentType).toBe(expected);
  });
});

describe('the metadata of a file', () => {
  test('loses what is null, by either major, and what repeats the name and the type', () => {
    const metadata = {
      relativePath: null,
      webkitRelativePath: 'null',
      missing: undefined,
      lost: 'undefined',
      name: 'a.png',
      type: 'image/png',
      album: 'summer',
    };
    expect(setup({ metadata }).metadata).toEqual({ album: 'summer' });
  });

  test('becomes text', () => {
    const metadata = { count: 3, done: false, empty: '', tags: ['a', 'b'] };
    expect(setup({ metadata }).metadata).toEqual({ count: '3', done: 'false', empty: '', tags: '["a","b"]' });
  });
});

describe('the name of a file', () => {
  test('is kept whenever it may be, and otherwise becomes one that may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 600 }), (text) => {
        const name = toFilename(text);
        expect(name !== undefined && isFilename(name), JSON.stringify(name)).toBe(true);
        if (isFilename(text)) expect(name).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('is cut before its extension, and never in the middle of a character', () => {
    const name = toFilename(`a${'😀'.repeat(200)}.jpeg`) ?? '';
    expect(name.length).toBeLessThanOrEqual(255);
    expect(name.endsWith('😀.jpeg')).toBe(true);
  });

  test.each([
    ['', undefined],
    ['.', '_'],
    ['..', '__'],
    ['a\ud800b', 'a\ufffdb'],
    ['C:\\temp\\a.png', 'C:_temp_a.png'],
  ])('%j becomes %j', (text, expected) => {
    expect(toFilename(text)).toBe(expected);
  });
});
