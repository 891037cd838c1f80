import { describe, expect, test } from 'vitest';
import { toDeclaration } from '../../../src/lib/uppy/file.ts';

function setup(file: Partial<Parameters<typeof toDeclaration>[0]>) {
  return toDeclaration({ filename: 'a.png', type: 'image/png', metadata: {}, ...file });
}

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
    ['by the extension of a name that is nothing else', '', '.png', 'image/png'],
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
  test('is cut before its extension, and never in the middle of a character', () => {
    const name = setup({ filename: `a${'😀'.repeat(200)}.jpeg` }).filename ?? '';
    expect(name.length).toBeLessThanOrEqual(255);
    expect(name.endsWith('😀.jpeg')).toBe(true);
  });

  test.each([
    ['', undefined],
    ['\u200b', undefined],
    ['.', '_'],
    ['..', '_'],
    [' ', '_'],
    ['a\ud800b', 'a\ufffdb'],
    ['C:\\temp\\a.png', 'C__temp_a.png'],
    ['2026-11-20T10:30.csv', '2026-11-20T10_30.csv'],
    [' a.png. ', 'a.png'],
    ['a\u200b.png', 'a.png'],
    ['.env', '_.env'],
    ['con.txt', '_con.txt'],
    // No name is made of what runs: that is refused.
    ['photo.exe', 'photo.exe'],
    ['photo.exe\u200b', 'photo.exe'],
  ])('%j becomes %j', (filename, expected) => {
    expect(setup({ filename }).filename).toBe(expected);
  });
});
