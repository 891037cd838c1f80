import { describe, expect, test } from 'vitest';
import { toHost } from '../../../src/lib/inspect/hosts.ts';
import { archive, contentTypes, type Entry, WORD, WORD_MACRO_MAIN } from '../../corpus/archive.ts';
import { compound, honestFile } from '../../corpus/bytes.ts';
import { look } from './file.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const ODT = 'application/vnd.oasis.opendocument.text';
const PLAIN = { encrypted: false, macros: false, external: [], embedded: 0, dde: false };
const KIND = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

function relations(kind: string, target: string, mode = 'External'): string {
  return `<Relationships><Relationship Id="a" Type="${KIND}/${kind}" Target="${target}" TargetMode="${mode}"/></Relationships>`;
}
function rels(content: string | Uint8Array): Entry {
  return { name: 'word/_rels/document.xml.rels', content, isDeflated: true };
}
function document(content: string): Entry[] {
  return WORD.map((entry) => (entry.name === 'word/document.xml' ? { ...entry, content } : entry));
}
function run(text: string): string {
  return `<w:r><w:instrText xml:space="preserve">${text}</w:instrText></w:r>`;
}
const BEGIN = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>';
const END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>';

describe('an Office document', () => {
  test.each<[string, readonly Entry[], object]>([
    ['nothing but text', WORD, {}],
    ['a part of macros', [...WORD, { name: 'word/vbaProject.bin', content: 'x' }], { macros: true }],
    [
      'a part of macros under another name',
      [...WORD, rels(relations('vbaProject', 'picture.bin', 'Internal'))],
      { macros: true },
    ],
    [
      'a type that has macros',
      WORD.map((entry) =>
        entry.name.startsWith('[')
          ? { ...entry, content: contentTypes('word/document.xml', WORD_MACRO_MAIN) }
          : entry,
      ),
      { macros: true },
    ],
    [
      'a template from elsewhere',
      [...WORD, rels(relations('attachedTemplate', 'https://evil.example/t.dotm'))],
      { external: ['evil.example'] },
    ],
    [
      'a template from a share',
      [...WORD, rels(relations('attachedTemplate', '\\\\evil.example\\t.dotm'))],
      { external: ['evil.example'] },
    ],
    [
      'a template from elsewhere, written with entities in UTF-16',
      [
        ...WORD,
        rels(
          Buffer.from(
            `\ufeff${relations('attachedTemplate', '&#104;ttp://evil.example/').replace('External', 'E&#x78;ternal')}`,
            'utf16le',
          ),
        ),
      ],
      { external: ['evil.example'] },
    ],
    [
      'a template from its own machine',
      [...WORD, rels(relations('attachedTemplate', 'file:///C:\\Users\\a\\Normal.dotm'))],
      {},
    ],
    ['a link to follow', [...WORD, rels(relations('hyperlink', 'https://example.org/'))], {}],
    ['a comment about a link', [...WORD, rels(`<!-- ${relations('image', 'http://a.example/')} -->`)], {}],
    [
      'an embedded file',
      [...WORD, { name: 'word/embeddings/oleObject1.bin', content: 'x' }],
      { embedded: 1 },
    ],
    [
      'a field that asks a program, in two pieces',
      document(`<w:p>${BEGIN}${run('DDEA')}${run('UTO c:\\\\x')}${END}</w:p>`),
      { dde: true },
    ],
    ['a simple field that asks a program', document('<w:fldSimple w:instr=" DDE cmd x"/>'), { dde: true }],
    ['another field', document(`${BEGIN}${run(' PAGE ')}${END}<w:t>DDE</w:t>`), {}],
  ])('with %s', async (_, entries, facts) => {
    expect(await look(DOCX, archive(entries))).toEqual({ facts: { ...PLAIN, ...facts } });
  });

  test('names at most ten hosts', async () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      relations('image', `http://${index}.example/`),
    ).join('');
    const { facts } = await look(DOCX, archive([...WORD, rels(many)]));
    expect(facts.external).toHaveLength(10);
  });

  test('tells of a workbook that asks a program for data, and of sheets of macros', async () => {
    const entries: Entry[] = [
      { name: '[Content_Types].xml', content: contentTypes('xl/workbook.xml', `${XLSX}.main+xml`) },
      {
        name: 'xl/externalLinks/externalLink1.xml',
        content: '<externalLink><ddeLink ddeService="cmd"/></externalLink>',
      },
      { name: 'xl/macrosheets/sheet1.xml', content: '<x/>' },
    ];
    expect((await look(XLSX, archive(entries))).facts).toEqual({ ...PLAIN, dde: true, macros: true });
  });

  test('is refused as a bomb, with the numbers', async () => {
    const bytes = archive([
      ...WORD,
      { name: 'word/media/x.bmp', content: Buffer.alloc(50_000_000), isDeflated: true },
    ]);
    expect((await look(DOCX, bytes)).facts).toMatchObject({ exceeded: 'ratio', 'exceeded.most': 250 });
  });

  test('with a damaged directory is malformed', async () => {
    const whole = archive(WORD);
    expect((await look(DOCX, whole.subarray(0, whole.length - 30))).facts.malformed).toMatch(/^it /);
  });
});

describe('an OpenDocument file', () => {
  const part = (name: string, content = '<x/>'): Entry => ({ name, content, isDeflated: true });
  const all = [part('mimetype', ODT), part('content.xml'), part('META-INF/manifest.xml')];
  test.each<[string, readonly Entry[], object]>([
    ['nothing but text', all, {}],
    ['a library of macros', [...all, part('Basic/Standard/Module1.xml')], { macros: true }],
    [
      'an empty list of libraries',
      [...all, part('Basic/script-lc.xml'), part('Basic/Standard/script-lb.xml')],
      {},
    ],
    ['a script', [...all, part('Scripts/python/x.py')], { macros: true }],
    [
      'an event that runs a script of the machine',
      [part('content.xml', '<script:event-listener xlink:href="vnd.sun.star.script:x?language=Basic"/>')],
      { macros: true },
    ],
    [
      'a picture from elsewhere',
      [part('content.xml', '<draw:image xlink:href="http://evil.example/p.png"/>')],
      { external: ['evil.example'] },
    ],
    ['a link to follow', [part('content.xml', '<text:a xlink:href="http://example.org/">x</text:a>')], {}],
    [
      'objects',
      [...all, part('Object 1/content.xml'), part('Object 2'), part('ObjectReplacements/Object 1')],
      { embedded: 2 },
    ],
    [
      'data of another program',
      [part('content.xml', '<office:dde-source office:dde-application="cmd"/>')],
      { dde: true },
    ],
  ])('with %s', async (_, entries, facts) => {
    expect(await look(ODT, archive(entries))).toEqual({ facts: { ...PLAIN, ...facts } });
  });

  test('with a password cannot be looked into', async () => {
    const manifest = '<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>';
    expect(await look(ODT, archive([part('META-INF/manifest.xml', manifest)]))).toEqual({
      facts: { ...PLAIN, encrypted: true },
      unsupported: 'it opens only with a password',
    });
  });
});

describe('an Office file from before 2007', () => {
  const NONE = { encrypted: false, macros: false, embedded: 0 };
  test.each<[string, string, Uint8Array, object]>([
    ['a letter', 'application/msword', honestFile('letter.doc'), {}],
    ['a sheet', 'application/vnd.ms-excel', honestFile('sheet.xls'), {}],
    ['macros', 'application/vnd.ms-excel', compound('Workbook', '_VBA_PROJECT_CUR'), { macros: true }],
    ['objects', 'application/msword', compound('WordDocument', 'ObjectPool', '_1234567890'), { embedded: 1 }],
  ])('with %s', async (_, type, bytes, facts) => {
    expect(await look(type, bytes)).toEqual({ facts: { ...NONE, ...facts } });
  });

  test('with a password cannot be looked into', async () => {
    expect(await look('application/msword', compound('EncryptionInfo', 'EncryptedPackage'))).toEqual({
      facts: { ...NONE, encrypted: true },
      unsupported: 'it opens only with a password',
    });
  });

  test.each([
    ['a password', 0x2f, Buffer.alloc(6), { encrypted: true }],
    ['a sheet of macros', 0x85, Buffer.from([0, 0, 0, 0, 0, 1, 1, 0, 65]), { macros: true }],
  ])('with a record of %s', async (_, kind, data, facts) => {
    const bytes = Buffer.from(honestFile('sheet.xls'));
    // The first record after the one that begins the workbook becomes another.
    const begin = bytes.indexOf(Buffer.from('0908', 'hex'), 512);
    const next = begin + 4 + bytes.readUInt16LE(begin + 2);
    bytes.writeUInt16LE(kind, next);
    bytes.writeUInt16LE(data.length, next + 2);
    data.copy(bytes, next + 4);
    expect((await look('application/vnd.ms-excel', bytes)).facts).toMatchObject(facts);
  });

  test('with a circle in its table is malformed', async () => {
    const bytes = Buffer.from(compound('WordDocument'));
    bytes.writeUInt32LE(0, 76);
    bytes.writeUInt32LE(1, 512 + 4);
    expect((await look('application/msword', bytes)).facts).toEqual({ malformed: 'it has a circle in it' });
  });
});

test.each([
  ['https://user@Evil.example:8080/a', 'evil.example'],
  ['http:\\\\evil.example', 'evil.example'],
  ['\\\\share\\a', 'share'],
  ['//share/a', 'share'],
  ['file://share/a', 'share'],
  ['file:////share/a', 'share'],
  ['file:///\\\\share\\a', 'share'],
  ['mhtml:http://evil.example!x', 'evil.example!x'],
  ['ms-word:x', 'ms-word:'],
  ['file:///home/a', undefined],
  ['file:///C:/a', undefined],
  ['C:\\a', undefined],
  ['../a.png', undefined],
  ['#a', undefined],
  ['data:image/png;base64,x', undefined],
])('%s leads to %s', (address, host) => {
  expect(toHost(address)).toBe(host);
});
