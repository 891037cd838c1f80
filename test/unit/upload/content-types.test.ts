import {
  extensionsOf,
  familyOf,
  isContentType,
  normaliseContentType,
  toDeclaredType,
  toServedType,
  typeByExtension,
} from '@sluice/contract/content-types';
import fc from 'fast-check';
import { supportedMimeTypes } from 'file-type';
import { describe, expect, test } from 'vitest';
import { policies } from '../../../src/policies.ts';

describe('normaliseContentType', () => {
  test.each([
    ['image/jpg', 'image/jpeg'],
    ['IMAGE/PNG', 'image/png'],
    ['audio/mp3', 'audio/mpeg'],
    ['audio/x-m4a', 'audio/mp4'],
    ['application/x-zip-compressed', 'application/zip'],
    ['text/json', 'application/json'],
    ['text/xml', 'application/xml'],
    ['application/jsonl', 'application/x-ndjson'],
    ['video/x-matroska;codecs=avc1', 'video/matroska'],
    [' text/csv ; charset=iso-8859-1', 'text/csv'],
    ['font/woff2', 'font/woff2'],
    ['constructor', 'constructor'],
  ])('brings %j to %j', (text, type) => {
    expect(normaliseContentType(text)).toBe(type);
  });

  test('changes nothing when it is repeated', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...supportedMimeTypes)), (text) => {
        const once = normaliseContentType(text);
        expect(normaliseContentType(once)).toBe(once);
      }),
    );
  });
});

describe('familyOf', () => {
  test.each(['__proto__', 'constructor', 'toString', '', 'image/jpg', 'application/x-msdownload'])(
    'knows no family of %j',
    (name) => {
      expect(familyOf(name)).toBeUndefined();
      expect(isContentType(name)).toBe(false);
    },
  );

  test.each([
    ['text/csv', 'text'],
    ['image/svg+xml', 'markup'],
    ['image/png', 'media'],
    ['application/zip', 'opaque'],
  ])('judges %s as %s', (type, family) => {
    expect(familyOf(type)).toBe(family);
  });
});

describe('toServedType', () => {
  test.each([
    ['text/csv', 'text/csv; charset=utf-8'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['application/json', 'application/json'],
    ['image/png', 'image/png'],
  ])('serves %s as %s', (type, served) => {
    expect(toServedType(type)).toBe(served);
  });

  test('names the charset of a text that is not UTF-8, and of nothing else', () => {
    expect(toServedType('text/csv', 'windows-1252')).toBe('text/csv; charset=windows-1252');
    expect(toServedType('image/png', 'utf-16')).toBe('image/png');
  });
});

describe('the type that an extension stands for', () => {
  test.each([
    ['photo.JPG', 'image/jpeg'],
    ['photo.jfif', 'image/jpeg'],
    ['picture.hif', 'image/heic'],
    ['book.m4b', 'audio/mp4'],
    ['film.qt', 'video/quicktime'],
    ['archive.tar.gz', 'application/gzip'],
    ['archive.txz', 'application/x-xz'],
    ['archive.tbz2', 'application/x-bzip2'],
    ['sound.ogg', 'audio/ogg'],
    ['clip.webm', 'video/webm'],
    ['clip.mp4', 'video/mp4'],
    ['rows.jsonl', 'application/x-ndjson'],
    ['no-extension', undefined],
    ['.csv', undefined],
    ['a.constructor', undefined],
    ['a.exe', undefined],
  ])('of %s is %s', (filename, type) => expect(typeByExtension(filename)).toBe(type));

  test.each(Object.values(policies).flatMap(({ types }) => types))(
    'brings back %s by its first extension',
    (type) => {
      expect(typeByExtension(`a.${extensionsOf(type)[0]}`)).toBe(type);
    },
  );
});

describe('the extensions of a type', () => {
  test.each([
    ['image/png', ['png', 'apng']],
    ['audio/webm', ['weba', 'webm']],
    ['application/x-msdownload', []],
  ])('of %s are %j', (type, extensions) => expect(extensionsOf(type)).toEqual(extensions));

  test('of plain text are those of every text that no browser runs', () => {
    const plain = extensionsOf('text/plain');
    expect(plain[0]).toBe('txt');
    for (const type of ['text/markdown', 'text/csv', 'application/json', 'application/x-ndjson']) {
      expect(plain).toEqual(expect.arrayContaining([...extensionsOf(type)]));
    }
    expect(plain).not.toContain('html');
  });

  test('are lower case, without a dot, and stand for one type each', () => {
    const types = Object.values(policies).flatMap(({ types }) => types);
    for (const extension of types.flatMap(extensionsOf)) {
      expect(extension).toMatch(/^[a-z0-9]+$/);
      const owner = typeByExtension(`a.${extension}`);
      expect(owner && extensionsOf(owner)).toContain(extension);
    }
  });
});

describe('the type that a file is declared as', () => {
  test.each([
    ['as said', 'a.jpg', 'image/png', 'image/png'],
    ['by its canonical name, without parameters', 'a', 'TEXT/X-CSV; charset=utf-8', 'text/csv'],
    ['by the extension where the browser knows no type', 'a.heic', 'application/octet-stream', 'image/heic'],
    [
      'by the extension where Sluice knows no such type',
      'a.7z',
      'application/x-compressed',
      'application/x-7z-compressed',
    ],
    [
      "by the extension where the system has Excel's name for CSV",
      'a.CSV',
      'application/vnd.ms-excel',
      'text/csv',
    ],
    ['as said where the extension says nothing', 'a.own', 'application/x-own', 'application/x-own'],
    [
      'as said where there is no extension',
      'Makefile',
      'application/octet-stream',
      'application/octet-stream',
    ],
  ])('is taken %s', (_how, filename, contentType, expected) => {
    expect(toDeclaredType({ filename, contentType })).toBe(expected);
  });
});
