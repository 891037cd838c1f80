import type { ContentType } from '@sluice/contract/content-types';
import { docx, honestFile, join, latin1, pptx } from './bytes.ts';
import type { HonestFile } from './file.ts';
import { MORE_HONEST } from './more-honest.ts';

const PILLOW = 'Pillow 13.0, a picture of 2 by 2 pixels';
const FFMPEG = 'ffmpeg 9.0.2, 0.4 s of a red picture or 0.3 s of silence';
const PYTHON = 'the Python 3.11 standard library';

function file(name: string, type: ContentType, source: string): HonestFile {
  return {
    name,
    type,
    bytes: honestFile(name),
    source,
  };
}
function text(name: string, type: ContentType, content: string): HonestFile {
  return {
    name,
    type,
    bytes: Buffer.from(content),
    source: 'written by hand',
  };
}

function encoded(name: string, type: ContentType, bytes: Buffer): HonestFile {
  return {
    name,
    type,
    bytes,
    source: 'written by hand, in another encoding than UTF-8',
  };
}

/** Good files of every type that Sluice can tell, most of them made by the tools that people use. */
export const HONEST: readonly HonestFile[] = [
  ...MORE_HONEST,
  file('picture.jpg', 'image/jpeg', PILLOW),
  file('picture.png', 'image/png', PILLOW),
  file('moving.png', 'image/png', `${PILLOW}, animated`),
  file('picture.gif', 'image/gif', PILLOW),
  file('moving.gif', 'image/gif', `${PILLOW}, animated`),
  file('picture.webp', 'image/webp', PILLOW),
  file('picture.avif', 'image/avif', PILLOW),
  file('picture.heic', 'image/heic', 'pillow-heif 1.8.1'),
  { ...file('picture.heic', 'image/heif', 'pillow-heif 1.8.1'), name: 'picture.heif' },
  {
    name: 'picture.hif: HEIC under the general brand, as some cameras write it',
    type: 'image/heic',
    bytes: join(
      latin1('\0\0\0\x18ftypmif1\0\0\0\0mif1heic'),
      // From here on, the boxes of a picture as a tool writes them.
      honestFile('picture.heic').subarray(honestFile('picture.heic').readUInt32BE(0)),
    ),
    source: 'pillow-heif 1.8.1, under the brand of ISO/IEC 23008-12 section 10.2',
  },
  file('clip.mp4', 'video/mp4', FFMPEG),
  file('clip.mov', 'video/quicktime', FFMPEG),
  file('clip.webm', 'video/webm', FFMPEG),
  file('clip.mkv', 'video/matroska', FFMPEG),
  file('clip.ogv', 'video/ogg', FFMPEG),
  file('sound.mp3', 'audio/mpeg', FFMPEG),
  file('tagged.mp3', 'audio/mpeg', `${FFMPEG}, with an ID3 tag`),
  {
    name: 'covered.mp3: the cover picture is larger than the prefix',
    type: 'audio/mpeg',
    bytes: join(latin1('ID3\x04\0\0\0\x02\0\0'), Buffer.alloc(0x8000), honestFile('sound.mp3')),
    source: 'by hand, id3.org ID3v2.4.0 section 3.1, around sound.mp3',
  },
  file('sound.m4a', 'audio/mp4', FFMPEG),
  { ...file('clip.mp4', 'audio/mp4', FFMPEG), name: 'an MP4 whose brand does not say that it is sound only' },
  file('sound.wav', 'audio/wav', FFMPEG),
  file('sound.ogg', 'audio/ogg', `${FFMPEG}, Opus`),
  file('vorbis.ogg', 'audio/ogg', `${FFMPEG}, Vorbis`),
  file('sound.weba', 'audio/webm', FFMPEG),
  file('sound.flac', 'audio/flac', FFMPEG),
  file('paper.pdf', 'application/pdf', 'fpdf2 2.8.9'),
  {
    name: 'letter.docx',
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    bytes: docx(),
    source: 'by hand, ECMA-376',
  },
  file(
    'sheet.xlsx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'openpyxl 3.1.5, which writes [Content_Types].xml last',
  ),
  {
    name: 'slides.pptx',
    type: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    bytes: pptx(),
    source: 'by hand, ECMA-376',
  },
  file('letter.odt', 'application/vnd.oasis.opendocument.text', 'odfpy 1.4.1'),
  file('sheet.ods', 'application/vnd.oasis.opendocument.spreadsheet', 'odfpy 1.4.1'),
  file('slides.odp', 'application/vnd.oasis.opendocument.presentation', 'odfpy 1.4.1'),
  file('rows.parquet', 'application/vnd.apache.parquet', 'pyarrow 26.0.1'),
  file('packed.zip', 'application/zip', PYTHON),
  {
    name: 'empty.zip',
    type: 'application/zip',
    bytes: join(latin1('PK\x05\x06'), Buffer.alloc(18)),
    source: 'by hand, APPNOTE.TXT',
  },
  {
    ...file('sheet.xlsx', 'application/zip', 'openpyxl 3.1.5'),
    name: 'a workbook sent as the zip that it is',
  },
  file('packed.gz', 'application/gzip', PYTHON),
  file('packed.tar.gz', 'application/gzip', PYTHON),
  file('packed.tar', 'application/x-tar', PYTHON),
  file('packed.zst', 'application/zstd', 'zstd, the command'),
  file('packed.7z', 'application/x-7z-compressed', 'py7zr 1.1.4'),
  file('packed.bz2', 'application/x-bzip2', PYTHON),
  file('packed.xz', 'application/x-xz', PYTHON),
  text('rows.csv', 'text/csv', 'name,age\r\nZoë,41\r\n"O, Hara",7\r\n'),
  text('excel.csv: with a byte order mark, as Excel writes it', 'text/csv', '\ufeffname;age\r\nZoë;41\r\n'),
  text('cars.csv: begins like a bitmap', 'text/csv', 'BMW,320i\nGIFT,none\n'),
  text('parts.csv: begins like an executable', 'text/csv', 'MZ,part\n1,2\n'),
  text('cells.csv: holds HTML in a cell', 'text/csv', 'id,html\n1,<script>alert(1)</script>\n'),
  text('numbers.csv: every line is JSON as well', 'text/csv', '1\n2\n3\n'),
  text('one.json', 'application/json', '{"a":[1,2.5e3,"\\u00e9",null,true]}'),
  text('marked.json: with a byte order mark', 'application/json', '\ufeff[1]\n'),
  text('scalar.json', 'application/json', '"text"'),
  text(
    'long.json: goes on after the prefix',
    'application/json',
    JSON.stringify(Array.from({ length: 2_000 }, (_, n) => ({ n, name: `é${n}` }))),
  ),
  text('rows.ndjson', 'application/x-ndjson', '{"a":1}\n{"a":2}\r\n\n{"a":3}'),
  text(
    'long.ndjson: goes on after the prefix',
    'application/x-ndjson',
    '{"name":"é","n":[1,{"b":null}]}\n'.repeat(1_000),
  ),
  text('note.txt', 'text/plain', 'Grüße\tan alle\n\f次のページ\n'),
  text('long.txt: a character is cut by the prefix', 'text/plain', `a${'é'.repeat(9_000)}`),
  text(
    'build.log: with colours, movements of the cursor and resets',
    'text/plain',
    '\x1b[32mok\x1b[0m\r\x1b[2K\x1b[1;31m1 failed\x1b(B\x1b[m\n',
  ),
  text('listing.txt: with page breaks of printers', 'text/plain', 'one\x0btwo\x0cthree\n'),
  text('dos.txt: with end-of-file marks up to a full block', 'text/plain', `text\r\n${'\x1a'.repeat(122)}`),
  text('chat.log: names in angle brackets', 'text/plain', "<anna> it's <b> or <i>\n<bert's_cat> hi\n"),
  text(
    'genome.txt: an opening of genome annotations',
    'text/plain',
    '#!genome-build GRCh38.p14\n1\thavana\n',
  ),
  text('paper.tex: a magic comment of editors', 'text/plain', '%!TEX root = main.tex\n'),
  text('crate.txt: an attribute of Rust', 'text/plain', '#![no_std]\n'),
  text('fragment.txt: XML without a declaration', 'text/plain', '<w:tbl xmlns:w="urn:x"><w:tr/></w:tbl>\n'),
  text(
    'relationships.txt: XML with its declaration, of no page',
    'text/plain',
    `<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<Relationships xmlns="urn:x"><Relationship Id="rId1"/></Relationships>`,
  ),
  text('none.csv: a first cell in angle brackets', 'text/csv', '<none>,<unknown>\n1,2\n'),
  text('delete.json: 0x7F in a text', 'application/json', '{"a":"\x7f"}'),
  text('deletes.ndjson: 0x7F in a text', 'application/x-ndjson', '{"a":"\x7f"}\n'.repeat(1_000)),
  encoded(
    'ansi.csv: as Excel for Windows writes CSV',
    'text/csv',
    latin1('Name;Stra\xdfe\r\nM\xfcller;H\xf6he\r\n\x80 5;\x93caf\xe9\x94\r\n'),
  ),
  encoded('titre.md: HTML first, and not in UTF-8', 'text/markdown', latin1('<h1>Caf\xe9</h1>\n')),
  encoded('one.txt: a single letter of ISO 8859-1', 'text/plain', latin1('Zo\xeb')),
  encoded(
    'french.txt: with hard blanks and dashes',
    'text/plain',
    latin1('\xab\xa0\xc9t\xe9\xa0\xbb \x97 no\xebl, \x9cuvre\x85 30\xa0\x80\n'),
  ),
  encoded(
    'alphabet.txt: what comes after z',
    'text/plain',
    latin1('\xe4 \xf6 \xfc \xdf \xc4 \xd6 \xdc, \xe5\xe4\xf6\n'),
  ),
  encoded(
    'unicode.txt: as Excel and Notepad write "Unicode"',
    'text/plain',
    join(latin1('\xff\xfe'), Buffer.from('Zoë\t次\t😀\r\n', 'utf16le')),
  ),
  encoded(
    'big.csv: UTF-16 with its big end first',
    'text/csv',
    join(latin1('\xfe\xff'), Buffer.from('Zoë,次\r\n', 'utf16le').swap16()),
  ),
  encoded(
    'unmarked.csv: UTF-16 without a byte order mark',
    'text/csv',
    Buffer.from('name,city\r\nZoë,Zürich\r\n', 'utf16le'),
  ),
  encoded(
    'long.csv: UTF-16 in which a pair of surrogates is cut by the prefix',
    'text/csv',
    join(latin1('\xff\xfe'), Buffer.from(`a,${'😀'.repeat(9_000)}`, 'utf16le')),
  ),
  text(
    'picture-first.md',
    'text/markdown',
    '<p align="center">\n  <a href="https://example.com"><img src="logo.svg" alt="a > b"></a>\n</p>\n\n# Title\n',
  ),
  text('comment-first.md: a licence', 'text/markdown', '<!--\nLicensed under <MIT>\n-->\n# Title\n'),
  text('details-first.md', 'text/markdown', '<details><summary>Contents</summary>\n\n- a\n\n</details>\n'),
  text(
    'script-later.md: what it shows is served as text',
    'text/markdown',
    '# How to\n\n<script src="x.js"></script>\n',
  ),
  text('readme.md', 'text/markdown', '# Title\n\n<b>bold</b> and `code`\n'),
];
