import { describe, expect, it } from 'vitest';
import { typeByExtension } from '../../../src/lib/upload/extension.ts';
import { policies } from '../../../src/policies.ts';

describe('the type that an extension stands for', () => {
  it.each([
    ['photo.JPG', 'image/jpeg'],
    ['archive.tar.gz', 'application/gzip'],
    ['rows.jsonl', 'application/x-ndjson'],
    ['no-extension', undefined],
    ['.csv', undefined],
    ['a.constructor', undefined],
    ['a.exe', undefined],
  ])('of %s is %s', (filename, type) => expect(typeByExtension(filename)).toBe(type));

  it('is known for every type that the shipped policies take', () => {
    const known = new Set(
      'jpg png gif webp avif heic heif pdf docx xlsx pptx odt ods odp txt md csv json ndjson parquet zip gz tar zst 7z bz2 xz mp4 mov webm mkv ogv mp3 m4a wav ogg weba flac'
        .split(' ')
        .map((extension) => typeByExtension(`a.${extension}`)),
    );
    const taken = Object.values(policies).flatMap(({ types }) => types);
    expect(taken.filter((type) => !known.has(type))).toEqual([]);
  });
});
