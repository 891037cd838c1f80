import type { ContentType } from '@sluice/contract/content-types';
import { archive, contentTypes, type Entry, WORD } from '../../test/corpus/archive.ts';
import { honestFile, join, latin1 } from '../../test/corpus/bytes.ts';

const MiB = 1024 ** 2;
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
function filler(name: string, bytes: number): Entry {
  return { name, content: Buffer.alloc(bytes, 'x\x80') };
}
function files(count: number): readonly Entry[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `folder/of/the/archive/file-${n}.bin`,
    content: 'x',
  }));
}
const SHEET: Entry = {
  name: '[Content_Types].xml',
  content: contentTypes('xl/workbook.xml', `${XLSX}.main+xml`),
  isDeflated: true,
};

type Large = { readonly name: string; readonly type: ContentType; readonly bytes: Uint8Array };

function padded(name: string, type: ContentType): Large {
  return {
    name: `any other type: ${type}`,
    type,
    bytes: join(honestFile(name), Buffer.alloc(MiB)),
  };
}

/** Honest files that are larger than what is read of them. */
export const LARGE: readonly Large[] = [
  padded('picture.jpg', 'image/jpeg'),
  padded('picture.png', 'image/png'),
  padded('sound.mp3', 'audio/mpeg'),
  padded('clip.mp4', 'video/mp4'),
  padded('clip.webm', 'video/webm'),
  padded('paper.pdf', 'application/pdf'),
  padded('packed.tar', 'application/x-tar'),
  { name: 'any other type: text/csv', type: 'text/csv', bytes: Buffer.alloc(MiB, 'a,b\n1,2\n') },
  {
    name: 'usual: an archive of 4 files',
    type: 'application/zip',
    bytes: archive([...files(3), filler('large.bin', MiB)]),
  },
  {
    name: 'usual: a document whose content types come first',
    type: DOCX,
    bytes: archive([...WORD, filler('word/image.png', MiB)]),
  },
  {
    name: 'usual: a workbook whose content types come last',
    type: XLSX,
    bytes: archive([filler('xl/sheet1.xml', MiB), SHEET]),
  },
  {
    name: 'usual: a table of Parquet',
    type: 'application/vnd.apache.parquet',
    bytes: join('PAR1', Buffer.alloc(MiB), latin1('\x0a\0\0\0PAR1')),
  },
  {
    name: 'rare: a document whose content types lie in the middle',
    type: DOCX,
    bytes: archive([filler('word/a.png', MiB), ...WORD, filler('word/b.png', MiB)]),
  },
  { name: 'rare: an archive of 5,000 files', type: 'application/zip', bytes: archive(files(5_000)) },
  {
    name: 'rare: a document of 1,200 parts, content types last',
    type: DOCX,
    bytes: archive([...files(1_200), ...WORD]),
  },
  { name: 'rare: a document of before 2007', type: 'application/msword', bytes: honestFile('letter.doc') },
];
