import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PIECE_BYTES } from '../../../src/lib/sniff/source.ts';
import { archive, contentTypes, type Entry, WORD, WORD_MACRO_MAIN, WORD_MAIN } from '../../corpus/archive.ts';
import { join, latin1 } from '../../corpus/bytes.ts';
import { noise, read, typeOf } from './read.ts';

const OOXML = 'application/vnd.openxmlformats-officedocument';
const DOCX = `${OOXML}.wordprocessingml.document`;
const XLSX = `${OOXML}.spreadsheetml.sheet`;
const PPTX = `${OOXML}.presentationml.presentation`;
const DOCM = 'application/vnd.ms-word.document.macroenabled.12';
const ZIP = 'application/zip';

const TYPES = '[Content_Types].xml';
function withTypes(types: string, ...more: readonly Entry[]): Buffer {
  return archive([{ name: TYPES, content: types, isDeflated: true }, ...WORD.slice(1), ...more]);
}

describe('an Office file', () => {
  test('is told by its content types, whatever the order of its parts and the room between them', async () => {
    const room = fc.constantFrom(0, 10, 8_000, 8_200, 70_000, 140_000);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...WORD], { minLength: 3 }),
        fc.array(room, { minLength: 4, maxLength: 4 }),
        async (parts, rooms) => {
          const entries = parts.flatMap((part, n) => [
            { name: `word/media/image${n}.png`, content: noise(rooms[n] ?? 0) },
            part,
          ]);
          const { sniffed, reads } = await read(
            archive([...entries, { name: 'word/last.bin', content: noise(rooms[3] ?? 0) }]),
            DOCX,
          );
          expect(sniffed).toEqual({ kind: 'recognised', type: DOCX });
          expect(reads.length).toBeLessThanOrEqual(2);
          expect(reads.every(({ length }) => length <= PIECE_BYTES)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    ['docx', WORD_MAIN, DOCX],
    ['xlsx', `${OOXML}.spreadsheetml.sheet.main+xml`, XLSX],
    ['pptx', `${OOXML}.presentationml.presentation.main+xml`, PPTX],
    ['docm', WORD_MACRO_MAIN, DOCM],
    [
      'xlsm',
      'application/vnd.ms-excel.sheet.macroEnabled.main+xml',
      'application/vnd.ms-excel.sheet.macroenabled.12',
    ],
    [
      'pptm',
      'application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml',
      'application/vnd.ms-powerpoint.presentation.macroenabled.12',
    ],
    ['dotx', `${OOXML}.wordprocessingml.template.main+xml`, `${OOXML}.wordprocessingml.template`],
    [
      'xlsb',
      'application/vnd.ms-excel.sheet.binary.macroEnabled.main',
      'application/vnd.ms-excel.sheet.binary.macroenabled.12',
    ],
  ])('of the kind %s has a main part of type %s', async (_kind, main, type) => {
    const bytes = withTypes(contentTypes('word/document.xml', main));
    for (const declared of [DOCX, XLSX, PPTX]) expect(await typeOf(bytes, declared)).toBe(type);
    expect(await typeOf(bytes, ZIP)).toBe(ZIP);
  });

  test.each<[string, Buffer]>([
    [
      'a part of Visual Basic that the content types do not speak of',
      archive([...WORD, { name: 'word/vbaProject.bin', content: 'x' }]),
    ],
    [
      'the same under the slashes of Windows',
      archive([...WORD, { name: 'word\\vbaProject.bin', content: 'x' }]),
    ],
    [
      'one under another name',
      withTypes(
        contentTypes(
          'word/document.xml',
          WORD_MAIN,
          '<Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        ),
        { name: 'word/x.bin', content: 'x' },
      ),
    ],
    [
      'one by its extension',
      withTypes(
        contentTypes(
          'word/document.xml',
          WORD_MAIN,
          '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        ),
        { name: 'word/x.BIN', content: 'x' },
      ),
    ],
    [
      'a main part whose type is written in entities',
      withTypes(contentTypes('word/document.xml', WORD_MACRO_MAIN.replace('macroE', '&#109;acro&#x45;'))),
    ],
  ])('with %s is one with macros', async (_what, bytes) => {
    expect(await typeOf(bytes, DOCX)).toBe(DOCM);
  });

  test('is none with macros for a type that its content types name and no part has, as SheetJS writes it', async () => {
    const bytes = withTypes(
      contentTypes(
        'word/document.xml',
        WORD_MAIN,
        '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><!-- none -->',
      ),
    );
    expect(await typeOf(bytes, DOCX)).toBe(DOCX);
  });

  test.each<[string, Buffer]>([
    [
      'two main parts',
      withTypes(
        contentTypes(
          'word/document.xml',
          WORD_MAIN,
          `<Override PartName="/x.xml" ContentType="${WORD_MACRO_MAIN}"/>`,
        ),
      ),
    ],
    [
      'two types of one part',
      withTypes(
        contentTypes(
          'word/document.xml',
          WORD_MAIN,
          `<Override PartName="/WORD/document.xml" ContentType="text/plain"/>`,
        ),
      ),
    ],
    ['content types that are no XML', withTypes('<Types><Override PartName="/x"')],
    [
      'content types with a document type',
      withTypes(`<!DOCTYPE a [<!ENTITY b "c">]>${contentTypes('x.xml', WORD_MAIN)}`),
    ],
    ['two parts of content types', archive([...WORD, ...WORD.slice(0, 1)])],
    ['content types that are damaged', withTypes(contentTypes('x.xml', WORD_MAIN)).fill(0xff, 60, 90)],
    ['content types that unpack to more than they say', bomb()],
    ['no content types', archive(WORD.slice(1))],
  ])('with %s is just a zip', async (_what, bytes) => {
    expect(await typeOf(bytes, DOCX)).toBe(ZIP);
  });

  test('is told by content types in UTF-16, and in upper case, as the standard allows', async () => {
    const types = contentTypes('word/document.xml', WORD_MAIN);
    const utf16 = join(latin1('\xff\xfe'), Buffer.from(types.replace('UTF-8', 'UTF-16'), 'utf16le'));
    expect(
      await typeOf(archive([{ name: TYPES.toUpperCase(), content: utf16 }, ...WORD.slice(1)]), DOCX),
    ).toBe(DOCX);
  });
});

/** A part that says it is small, and would unpack to 64 MiB. */
function bomb(): Buffer {
  const packed = deflateRawSync(Buffer.alloc(64 * 1024 ** 2));
  const bytes = archive([{ name: TYPES, content: packed }, ...WORD.slice(1)]);
  for (const header of ['PK\x03\x04', 'PK\x01\x02']) {
    const at = bytes.indexOf(latin1(header));
    bytes[at + (header.endsWith('\x04') ? 8 : 10)] = 8;
  }
  return bytes;
}

describe('what else is made of zip', () => {
  const MANIFEST: Entry = { name: 'META-INF/manifest.xml', content: '<manifest/>' };
  const mimetype = (content: string): Entry => ({ name: 'mimetype', content });
  test.each<[string, readonly Entry[]]>([
    [
      'application/vnd.oasis.opendocument.text',
      [mimetype('application/vnd.oasis.opendocument.text'), MANIFEST],
    ],
    [
      'application/vnd.oasis.opendocument.spreadsheet',
      [MANIFEST, mimetype('application/vnd.oasis.opendocument.spreadsheet')],
    ],
    [
      'application/epub+zip',
      [mimetype('application/epub+zip'), { name: 'META-INF/container.xml', content: '<x/>' }],
    ],
    [
      'application/java-archive',
      [
        { name: 'META-INF/MANIFEST.MF', content: 'Main-Class: X' },
        { name: 'X.class', content: 'x' },
      ],
    ],
    [
      'application/vnd.android.package-archive',
      [
        { name: 'AndroidManifest.xml', content: 'x' },
        { name: 'classes.dex', content: 'x' },
      ],
    ],
  ])('is %s, and zip when it is declared as that', async (type, entries) => {
    expect(await typeOf(archive(entries), type)).toBe(type);
    expect(await typeOf(archive(entries), ZIP)).toBe(ZIP);
    expect(await typeOf(archive(entries), DOCX)).toBe(type);
  });

  test('is just a zip where a document type is named and the rest of it is missing', async () => {
    expect(
      await typeOf(
        archive([mimetype('application/vnd.oasis.opendocument.text')]),
        'application/vnd.oasis.opendocument.text',
      ),
    ).toBe(ZIP);
    expect(
      await typeOf(archive([mimetype('text/html'), MANIFEST]), 'application/vnd.oasis.opendocument.text'),
    ).toBe(ZIP);
  });

  test('is a zip that holds classes.dex somewhere, whatever it is declared as', async () => {
    expect(await typeOf(archive([{ name: 'build/classes.dex', content: 'x' }]), DOCX)).toBe(ZIP);
  });
});
