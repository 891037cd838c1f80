import { archive, contentTypes, WORD, WORD_MAIN } from '../../test/corpus/archive.ts';
import { honestFile, join, latin1 } from '../../test/corpus/bytes.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const JPEG = honestFile('picture.jpg');
const PREFIX = 8_192;

type Hostile = { readonly name: string; readonly type: string; readonly bytes: Uint8Array };

function repeated(name: string, type: string, before: Uint8Array | string, unit: string): Hostile {
  return {
    name,
    type,
    bytes: join(before, latin1(unit.repeat(Math.ceil(PREFIX / unit.length)))),
  };
}

/** The content types of a package, of which the entry unpacks to nearly 1 MiB. */
function types(name: string, content: string): Hostile {
  return {
    name,
    type: DOCX,
    bytes: archive([{ name: '[Content_Types].xml', content, isDeflated: true }, ...WORD.slice(1)]),
  };
}
function override(n: number): string {
  return `<Override PartName="/${n}.xml" ContentType="a/b"/>`;
}
const MANY = Array.from({ length: 70_000 }, (_, n) => override(n)).join('');

/** Bytes made to take long. */
export const HOSTILE: readonly Hostile[] = [
  ...[
    '<',
    '<a ',
    '<a on',
    '<a href=javascript',
    '<?= ',
    '<%abc ',
    '<a "on',
    'href ',
    "<a x='",
    '<\0s\0c\0',
  ].map((unit) => repeated(`a picture full of ${JSON.stringify(unit)}`, 'image/jpeg', JPEG, unit)),
  ...[
    '<',
    '<!--',
    '<a ',
    '<a x="',
    '\x1b[',
    '[',
    '{"a":',
    '"\\u00',
    '-',
    '# \n',
    ' ',
    'a: ',
    'a.',
    'X: y\n',
  ].map((unit) => repeated(`a text full of ${JSON.stringify(unit)}`, 'application/geo+json', '', unit)),
  repeated('text of YAML full of blanks', 'application/yaml', '', 'a '),
  repeated('a PDF full of headers', 'application/pdf', '\0', '%PDF-'),
  repeated(
    'a film of boxes of 8 bytes',
    'video/mp4',
    latin1('\0\0\0\x18ftypisom\0\0\x02\0isommp41'),
    '\0\0\0\x08free',
  ),
  repeated('a JPEG of segments of 2 bytes', 'image/jpeg', latin1('\xff\xd8'), '\xff\xe0\0\x02'),
  repeated(
    'a PNG of empty chunks',
    'image/png',
    honestFile('picture.png').subarray(0, 33),
    '\0\0\0\0tEXt\0\0\0\0',
  ),
  repeated('zstd of frames to skip', 'application/zstd', '', 'P*M\x18\0\0\0\0'),
  repeated('a gzip that unpacks a thousandfold', 'application/gzip', '', '\x1f\x8b\x08\0'),
  repeated('a WAV of empty chunks', 'audio/wav', latin1('RIFF\0\0\0\0WAVE'), 'JUNK\0\0\0\0'),
  {
    name: 'an archive of 1,400 files',
    type: DOCX,
    bytes: archive([
      ...Array.from({ length: 1_400 }, (_, n) => ({ name: `${n}`.padStart(40, 'x'), content: '' })),
      ...WORD,
    ]),
  },
  {
    name: 'an archive with an end every 22 bytes',
    type: 'application/zip',
    bytes: join(archive([]), ...Array.from({ length: 3_000 }, () => archive([]))),
  },
  types('content types of 70,000 parts', contentTypes('word/document.xml', WORD_MAIN, MANY)),
  types(
    'content types of one attribute',
    `<Override PartName="${'x'.repeat(1_000_000)}" ContentType="${WORD_MAIN}"/>`,
  ),
  types('content types full of blanks', `<Override ${' '.repeat(1_000_000)}`),
  types('content types full of comments', '<!---->'.repeat(149_000)),
  types(
    'content types full of entities',
    `<Override PartName="/a" ContentType="${'&#65;'.repeat(800)}"/>`.repeat(240),
  ),
  types('content types of unfinished tags', `<a${' b="c"'.repeat(170_000)}`),
];
