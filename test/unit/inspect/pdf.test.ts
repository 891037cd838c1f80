import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PLAIN_PDF, packOf, pdfOf } from '../../corpus/pdf.ts';
import { look } from './file.ts';

const PDF = 'application/pdf';
const PLAIN = {
  encrypted: false,
  embedded: 0,
  'pdf.pages': 1,
  'pdf.javascript': false,
  'pdf.launch': false,
  'pdf.actions': [],
  'pdf.opens': false,
  'pdf.xfa': false,
};
const SCRIPT = '<< /S /JavaScript /JS (app.alert\\(1\\)) >>';
const OPENS = '<< /Type /Catalog /Pages 2 0 R /OpenAction 9 0 R >>';

function hex(bytes: Buffer): Buffer {
  return Buffer.from(`${bytes.toString('hex')}>`);
}

/** Rows of PNG's predictor "up", as writers of tables make them. */
function predicted(bytes: Buffer): Buffer {
  const rows = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, row) => {
    const here = Buffer.alloc(4);
    bytes.copy(here, 0, row * 4);
    const above = Buffer.alloc(4);
    if (row > 0) bytes.copy(above, 0, row * 4 - 4, row * 4);
    return Buffer.from([2, ...here.map((byte, at) => byte - (above[at] ?? 0))]);
  });
  return deflateSync(Buffer.concat(rows));
}

describe('a PDF', () => {
  test.each<[string, Parameters<typeof pdfOf>, object]>([
    ['nothing but a page', [PLAIN_PDF], {}],
    ['a script', [{ ...PLAIN_PDF, 9: SCRIPT }], { 'pdf.javascript': true }],
    [
      'a script that runs when it is opened',
      [{ ...PLAIN_PDF, 1: OPENS, 9: SCRIPT }],
      { 'pdf.javascript': true, 'pdf.opens': true },
    ],
    [
      'a script whose name is written with escapes',
      [{ ...PLAIN_PDF, 9: '<< /S /J#61vaScr#69pt /#4a#53 (x) >>' }],
      { 'pdf.javascript': true },
    ],
    [
      'a script whose kind is an object of its own',
      [{ ...PLAIN_PDF, 9: '<< /S 10 0 R /Other 11 0 R >>', 10: '/JavaScript' }],
      { 'pdf.javascript': true },
    ],
    [
      'a script in a packed stream',
      [{ ...PLAIN_PDF, 8: packOf({ 9: SCRIPT, 10: '<< /A 1 >>' }) }],
      { 'pdf.javascript': true },
    ],
    [
      'a script in a stream that is packed twice',
      [
        {
          ...PLAIN_PDF,
          8: packOf(
            { 9: SCRIPT },
            { filter: '/Filter [/AHx /Fl]', pack: (bytes) => hex(deflateSync(bytes)) },
          ),
        },
      ],
      { 'pdf.javascript': true },
    ],
    [
      'a script behind a predictor',
      [
        {
          ...PLAIN_PDF,
          8: packOf(
            { 9: SCRIPT },
            {
              filter: '/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>',
              pack: predicted,
            },
          ),
        },
      ],
      { 'pdf.javascript': true },
    ],
    [
      'a script in a packed stream that does not say what it is',
      [
        {
          ...PLAIN_PDF,
          8: { ...(packOf({ 9: SCRIPT }) as object), dictionary: '/N 1 /First 4 /Filter 7 0 R' } as never,
          7: '/FlateDecode',
        },
      ],
      { 'pdf.javascript': true },
    ],
    [
      'a script hidden in the data of a picture',
      [
        {
          ...PLAIN_PDF,
          8: { dictionary: '/Subtype /Image', data: Buffer.from(`\0\x01 9 0 obj ${SCRIPT} endobj`) },
        },
      ],
      { 'pdf.javascript': true },
    ],
    [
      'a script hidden in a text of another object',
      [{ ...PLAIN_PDF, 8: `<< /Title ( 9 0 obj ${SCRIPT} endobj ) >>` }],
      { 'pdf.javascript': true },
    ],
    ['a text about scripts', [{ ...PLAIN_PDF, 8: '<< /Title (All of /JavaScript and /S /Launch) >>' }], {}],
    ['a comment about scripts', [{ ...PLAIN_PDF, 8: '<< % /S /JavaScript\n /A 1 >>' }], {}],
    ['a program to start', [{ ...PLAIN_PDF, 9: '<< /S /Launch /F (cmd.exe) >>' }], { 'pdf.launch': true }],
    [
      'a form that is sent somewhere',
      [{ ...PLAIN_PDF, 9: '<</S/SubmitForm/F(http://x)/Next<</S/GoToR/F(y.pdf)>>>>' }],
      { 'pdf.actions': ['GoToR', 'SubmitForm'] },
    ],
    ['a view to open with', [{ ...PLAIN_PDF, 1: OPENS, 9: '<< /S /GoTo /D [3 0 R /Fit] >>' }], {}],
    [
      'a page that does something when it is shown',
      [{ ...PLAIN_PDF, 3: '<< /Type /Page /AA << /O << /S /URI /URI (http://x) >> >> >>' }],
      { 'pdf.opens': true },
    ],
    [
      'an attached file',
      [
        {
          ...PLAIN_PDF,
          8: '<< /Type /Filespec /F (a.exe) /EF << /F 9 0 R >> >>',
          9: { dictionary: '/Type /EmbeddedFile', data: Buffer.from('MZ') },
        },
      ],
      { embedded: 1 },
    ],
    [
      'an attached PDF of two pages, unpacked',
      [
        {
          ...PLAIN_PDF,
          8: '<< /EF << /F 9 0 R >> >>',
          9: {
            dictionary: '/Type /EmbeddedFile',
            data: pdfOf({ ...PLAIN_PDF, 20: '<< /Type /Page >>', 21: '<< /Type /Page >>' }),
          },
        },
      ],
      { embedded: 1 },
    ],
    ['a form of XFA', [{ ...PLAIN_PDF, 8: '<< /XFA 9 0 R >>' }], { 'pdf.xfa': true }],
    ['a password', [PLAIN_PDF, '/Encrypt 8 0 R'], { encrypted: true }],
  ])('with %s', async (_, [parts, trailer], facts) => {
    for (const chunkBytes of [65_536, 100]) {
      expect(await look(PDF, pdfOf(parts, trailer), { chunkBytes })).toEqual({
        facts: { ...PLAIN, ...facts },
      });
    }
  });

  test('counts the pages of the last revision', async () => {
    const first = pdfOf({ ...PLAIN_PDF, 4: '<< /Type /Page >>' });
    const second = pdfOf({ 2: '<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>' });
    expect((await look(PDF, Buffer.concat([first, second]))).facts['pdf.pages']).toBe(2);
  });

  test('counts pages in packed streams', async () => {
    const { 1: root = '' } = PLAIN_PDF;
    const pages = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [index + 10, '<< /Type /Page >>']),
    );
    const bytes = pdfOf({ 1: root, 5: packOf({ ...pages, 2: '<< /Type /Pages /Count 50 >>' }) });
    expect((await look(PDF, bytes)).facts['pdf.pages']).toBe(50);
  });

  test('does not believe a root that says fewer pages than there are, and so hides what follows them', async () => {
    const pages = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [index + 10, '<< /Type /Page >>']),
    );
    const script = '<< /S /JavaScript /JS (x) >>';
    const bytes = pdfOf({ ...PLAIN_PDF, 5: packOf(pages), 6: script });
    expect(await look(PDF, bytes, { limits: { pages: 20 } })).toMatchObject({
      facts: { exceeded: 'pages', 'exceeded.most': 20 },
    });
  });

  test('ends at the limit of pages', async () => {
    const pages = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [index + 10, '<< /Type /Page >>']),
    );
    const looked = await look(PDF, pdfOf({ 5: packOf(pages), 6: 'null', 7: 'null' }), {
      limits: { pages: 20 },
    });
    expect(looked.facts).toMatchObject({ exceeded: 'pages', 'exceeded.found': 50, 'exceeded.most': 20 });
  });

  test.each([
    [
      'encrypted, with packed objects',
      pdfOf(
        { ...PLAIN_PDF, 8: packOf({ 9: SCRIPT }, { pack: () => Buffer.alloc(40, 7) }) },
        '/Encrypt 8 0 R',
      ),
      'it is encrypted, and most of it cannot be looked into',
    ],
    [
      'with objects packed in a way that nobody knows',
      pdfOf({ ...PLAIN_PDF, 8: packOf({ 9: SCRIPT }, { filter: '/Filter /Crypt' }) }),
      'parts of it are packed so that they cannot be looked into',
    ],
    [
      'with a bomb for a stream of objects',
      pdfOf({ ...PLAIN_PDF, 8: packOf({ 9: `${SCRIPT}${' '.repeat(40_000_000)}` }) }),
      'parts of it are packed so that they cannot be looked into',
    ],
    [
      'with thousands of objects in each other',
      Buffer.from(`%PDF-1.7\n${'1 0 obj (\n'.repeat(30_000)}`),
      'its objects lie within each other',
    ],
  ])('nobody can look into: %s', async (_, bytes, unsupported) => {
    expect((await look(PDF, bytes)).unsupported).toBe(unsupported);
  });

  test('without any object is malformed', async () => {
    expect((await look(PDF, '%PDF-1.7\n%%EOF\n')).facts.malformed).toBe('there are no objects in it');
  });
});
