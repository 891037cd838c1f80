import fc from 'fast-check';
import { supportedMimeTypes } from 'file-type';
import { describe, expect, it } from 'vitest';
import {
  familyOf,
  isContentType,
  normaliseContentType,
  toServedType,
} from '../../../src/lib/upload/content-types.ts';

describe('normaliseContentType', () => {
  it.each([
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

  it('changes nothing when it is repeated', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...supportedMimeTypes)), (text) => {
        const once = normaliseContentType(text);
        expect(normaliseContentType(once)).toBe(once);
      }),
    );
  });
});

describe('familyOf', () => {
  it.each(['__proto__', 'constructor', 'toString', '', 'image/jpg', 'application/x-msdownload'])(
    'knows no family of %j',
    (name) => {
      expect(familyOf(name)).toBeUndefined();
      expect(isContentType(name)).toBe(false);
    },
  );

  it.each([
    ['text/csv', 'text'],
    ['image/svg+xml', 'markup'],
    ['image/png', 'media'],
    ['application/zip', 'opaque'],
  ])('judges %s as %s', (type, family) => {
    expect(familyOf(type)).toBe(family);
  });
});

describe('toServedType', () => {
  it.each([
    ['text/csv', 'text/csv; charset=utf-8'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['application/json', 'application/json'],
    ['image/png', 'image/png'],
  ])('serves %s as %s', (type, served) => {
    expect(toServedType(type)).toBe(served);
  });
});
