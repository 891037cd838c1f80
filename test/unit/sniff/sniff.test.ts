import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Detector } from '../../../src/lib/sniff/signature.ts';
import { sniff } from '../../../src/lib/sniff/sniff.ts';
import { PREFIX_BYTES } from '../../../src/lib/sniff/source.ts';
import { DISHONEST } from '../../corpus/dishonest.ts';
import { HONEST } from '../../corpus/honest.ts';
import { sourceOf } from '../../fakes/source.ts';

function sniffWhole(content: string | Uint8Array, declaredType: string, detect?: Detector) {
  return sniff(sourceOf(typeof content === 'string' ? Buffer.from(content) : content), {
    declaredType,
    ...(detect && { detect }),
  });
}

const KINDS = ['recognised', 'active', 'encrypted', 'unrecognised'];

const BINARY = Uint8Array.of(0, 1, 2, 3);

describe('sniff', () => {
  test('names the declared type when the bytes can be taken for it, and never when they cannot', async () => {
    expect(await sniffWhole('a,b\n', 'text/csv')).toEqual({ kind: 'recognised', type: 'text/csv' });
    expect(await sniffWhole('a,b\n', 'text/x-csv')).toEqual({ kind: 'recognised', type: 'text/csv' });
    expect(await sniffWhole('a,b\n', 'image/png')).toEqual({ kind: 'recognised', type: 'text/plain' });
    expect(await sniffWhole('{"a":1}', 'font/woff2')).toEqual({
      kind: 'recognised',
      type: 'application/json',
    });
    expect(await sniffWhole('{"a":1}\n{"a":2}', 'x/y')).toEqual({
      kind: 'recognised',
      type: 'application/x-ndjson',
    });
  });

  test.each([
    ['<!doctype html><p>', 'text/html'],
    ['<html lang=en>', 'text/html'],
    ['<svg/>', 'image/svg+xml'],
    ['<?xml version="1.0"?>\n<!-- a -->\n<svg:svg xmlns:svg="x"/>', 'image/svg+xml'],
    ['<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', 'image/svg+xml'],
    ['<?xml version="1.0"?><feed/>', 'application/xml'],
    ['<?xml version="1.0"?><html/>', 'application/xhtml+xml'],
  ])('calls %j active, and of type %s', async (content, type) => {
    expect(await sniffWhole(content, 'x/y')).toMatchObject({ kind: 'active', type });
  });

  test('lets a declared markup type stand only when the root fits it', async () => {
    expect(await sniffWhole('<svg/>', 'application/xml')).toMatchObject({ type: 'application/xml' });
    expect(await sniffWhole('<svg/>', 'text/html')).toMatchObject({ type: 'image/svg+xml' });
  });

  test('gives scripts and markup with binary parts no type, so that no policy can take them', async () => {
    expect(await sniffWhole('<?php echo 1;', 'application/xml')).not.toHaveProperty('type');
    expect(await sniffWhole('<html>\0', 'text/html')).not.toHaveProperty('type');
    expect(await sniffWhole('<html>\0', 'image/png')).toEqual({
      kind: 'active',
      found: 'markup at the start of the file',
    });
  });

  test('says of declared markup that is not UTF-8 that this is what is wrong with it', async () => {
    const flawOf = async (text: string, encoding: BufferEncoding) =>
      sniffWhole(Buffer.from(text, encoding), 'text/html');
    expect(await flawOf('<html>caf\xe9', 'latin1')).toEqual({
      kind: 'unrecognised',
      flaw: 'the bytes are not valid UTF-8',
    });
    expect(await flawOf('\ufeff<html>', 'utf16le')).toEqual({
      kind: 'unrecognised',
      flaw: 'the text is UTF-16',
    });
  });

  test('looks at no more than PREFIX_BYTES, and then knows that there is more', async () => {
    const bytes = Buffer.concat([Buffer.alloc(PREFIX_BYTES - 1, 'a'), Buffer.from('é'), BINARY]);
    expect(await sniffWhole(bytes, 'text/plain')).toEqual({ kind: 'recognised', type: 'text/plain' });
  });

  test('reads a view into a larger buffer from its own beginning', async () => {
    const padded = Buffer.concat([Buffer.from('<html>'), Buffer.from('a,b\n')]);
    expect(await sniffWhole(padded.subarray(6), 'text/csv')).toEqual({
      kind: 'recognised',
      type: 'text/csv',
    });
  });

  test('takes no bytes for the kinds of text that may be empty, and for nothing else', async () => {
    const nothing = new Uint8Array();
    expect(await sniffWhole(nothing, 'text/csv')).toEqual({ kind: 'recognised', type: 'text/csv' });
    expect(await sniffWhole(nothing, 'application/x-ndjson')).toMatchObject({ kind: 'recognised' });
    for (const type of [
      'application/json',
      'application/geo+json',
      'text/calendar',
      'image/png',
      'text/html',
      'x/y',
    ]) {
      expect(await sniffWhole(nothing, type)).toEqual({ kind: 'unrecognised', flaw: 'the file is empty' });
    }
  });

  test('recognises nothing when the detector throws', async () => {
    const detect = () => Promise.reject(new Error('broken'));
    expect(await sniffWhole(BINARY, 'image/png', detect)).toMatchObject({ kind: 'unrecognised' });
    const detectAtOnce: Detector = () => {
      throw new RangeError('broken');
    };
    expect(await sniffWhole(BINARY, 'image/png', detectAtOnce)).toMatchObject({ kind: 'unrecognised' });
  });

  test('recognises nothing when the detector hangs', async () => {
    vi.useFakeTimers();
    try {
      const sniffed = sniffWhole(BINARY, 'image/png', () => new Promise(() => {}));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await sniffed).toMatchObject({ kind: 'unrecognised' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('answers for any bytes, and in the same way each time', async () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const sniffed = await sniffWhole(content, 'image/png');
        expect(KINDS).toContain(sniffed.kind);
        expect(await sniffWhole(content, 'image/png')).toEqual(sniffed);
      }),
      { numRuns: 500 },
    );
  });

  test('answers for every file of the corpus with bytes changed, cut out and put in at random', async () => {
    const files = [
      ...HONEST.map(({ type, bytes }) => ({ type, bytes })),
      ...DISHONEST.map(({ declared, bytes }) => ({ type: declared, bytes })),
    ];
    const mutated = fc
      .tuple(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 4 }))),
      )
      .map(([{ type, bytes: file }, changes]) => ({
        type,
        bytes: changes.reduce((bytes, [at, cut, put]) => {
          // Most magic is in the first bytes, and tables are in the last: a third of the changes goes to
          // each.
          const far = at % (bytes.length + 1);
          const place = [far, far % 64, Math.max(0, bytes.length - (far % 128))][at % 3] ?? 0;
          return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
        }, Buffer.from(file)),
      }));
    await fc.assert(
      fc.asyncProperty(mutated, async ({ type, bytes }) => {
        const sniffed = await sniffWhole(bytes, type);
        expect(KINDS).toContain(sniffed.kind);
      }),
      { numRuns: 1_500 },
    );
  });

  test('calls a text that was declared as one active only when it is a page', async () => {
    for (const declaredType of ['text/plain', 'text/markdown', 'text/csv']) {
      expect(await sniffWhole('<h1>Title</h1>\n<script>', declaredType)).toEqual({
        kind: 'recognised',
        type: declaredType,
      });
      expect(await sniffWhole('<h1><script>', declaredType)).toMatchObject({ kind: 'active' });
    }
    expect(await sniffWhole('<h1>Title</h1>', 'application/pdf')).toMatchObject({ kind: 'active' });
  });

  test('names the charset of a text that is not UTF-8, and takes it for no JSON', async () => {
    const utf16 = Buffer.from('\ufeff{"a":"é"}', 'utf16le');
    expect(await sniffWhole(utf16, 'text/csv')).toEqual({
      kind: 'recognised',
      type: 'text/csv',
      charset: 'utf-16',
    });
    expect(await sniffWhole(utf16, 'application/json')).toMatchObject({ type: 'text/plain' });
    expect(await sniffWhole(Buffer.from('Zo\xeb', 'latin1'), 'text/csv')).toMatchObject({
      charset: 'windows-1252',
    });
    // Nobody says that it is text, and nothing in the bytes does.
    expect(await sniffWhole(Buffer.from('Zo\xeb', 'latin1'), 'image/png')).toMatchObject({
      kind: 'unrecognised',
    });
  });

  test('never calls bytes that begin as a page does anything but active', async () => {
    const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r', '\f', '\ufeff'), maxLength: 20 });
    const opening = fc.constantFrom('<!', '<?', '<a', '<Z', '</b', '<html', '<SCRIPT');
    await fc.assert(
      fc.asyncProperty(space, opening, fc.uint8Array(), async (before, tag, after) => {
        const bytes = Buffer.concat([Buffer.from(before + tag), after]);
        for (const declaredType of ['font/woff2', 'image/gif', 'application/pdf']) {
          const sniffed = await sniffWhole(bytes, declaredType);
          expect(sniffed.kind).toBe('active');
          expect(sniffed).not.toHaveProperty('type', declaredType);
        }
      }),
    );
  });
});
