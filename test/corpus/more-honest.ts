import type { ContentType } from '@sluice/contract/content-types';
import { archive, contentTypes, WORD } from './archive.ts';
import { compound, honestFile, join, latin1 } from './bytes.ts';
import { file, type HonestFile, made, text } from './honest-file.ts';

const FFMPEG = 'ffmpeg 5.1.9, 0.4 s of a red picture or 0.2 s of silence';
const LIBREOFFICE = 'LibreOffice 7.4';

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A font of one table (OpenType 1.9, "The OpenType Font File"). */
function font(magic: string): Buffer {
  return join(latin1(magic, '\0\x01\0\x10\0\0\0\0head\0\0\0\0'), u32(28), u32(54), Buffer.alloc(54));
}

/** A font in its wrapping, which says how long it is (WOFF 1.0 section 3, WOFF 2.0 section 4.1). */
function wrapped(magic: string): Buffer {
  return join(latin1(magic, '\0\x01\0\0'), u32(100), latin1('\0\x01\0\0'), u32(88), Buffer.alloc(80));
}

function office(kind: string, name: string, type: ContentType): HonestFile {
  return made(
    name,
    type,
    archive([
      { name: '[Content_Types].xml', content: contentTypes('main.xml', kind), isDeflated: true },
      ...WORD.slice(1),
    ]),
  );
}

/** A workbook as SheetJS writes it: its root is called "R", and said to have no name at all. */
function renamed(): Buffer {
  const bytes = compound('Workbook');
  bytes.fill(0, 1024, 1024 + 66).write('R', 1024);
  bytes[1024 + 64] = 2;
  return bytes;
}

const OOXML = 'application/vnd.openxmlformats-officedocument';
const MAIL =
  'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000\r\nFrom: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n next line\r\nMIME-Version: 1.0\r\n\r\nHello\r\n';
const GEOJSON =
  '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"type":"x"}}]}';

/** Good files of the types that came later. */
export const MORE_HONEST: readonly HonestFile[] = [
  { ...file('moving.png', 'image/apng', 'Pillow 13.0, animated'), name: 'moving.apng' },
  file('picture.tiff', 'image/tiff', FFMPEG),
  made('big-end.tiff', 'image/tiff', latin1('MM\0*\0\0\0\x08\0\x01\x01\0\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0')),
  made(
    'large.tiff: BigTIFF',
    'image/tiff',
    join(latin1('II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0'), Buffer.alloc(64, 1)),
  ),
  file('picture.bmp', 'image/bmp', FFMPEG),
  file('sound.aac', 'audio/aac', FFMPEG),
  made(
    'tagged.aac',
    'audio/aac',
    join(latin1('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10), honestFile('sound.aac')),
  ),
  file('clip.avi', 'video/x-msvideo', FFMPEG),
  file('clip.3gp', 'video/3gpp', FFMPEG),
  { ...file('clip.3gp', 'video/mp4', FFMPEG), name: 'a film of a phone under the name of its sister' },
  { ...file('clip.mov', 'video/mp4', FFMPEG), name: 'a film of QuickTime under the name of its sister' },
  file('clip.3g2', 'video/3gpp2', FFMPEG),
  file('letter.doc', 'application/msword', LIBREOFFICE),
  file('sheet.xls', 'application/vnd.ms-excel', LIBREOFFICE),
  made('root by another name.xls', 'application/vnd.ms-excel', renamed()),
  made('slides.ppt', 'application/vnd.ms-powerpoint', compound('Current User', 'PowerPoint Document')),
  made('message.msg', 'application/vnd.ms-outlook', compound('__nameid_version1.0', '__substg1.0_001A001F')),
  file('letter.rtf', 'application/rtf', LIBREOFFICE),
  made('latin.rtf', 'application/rtf', latin1('{\\rtf1\\ansi Gr\xfc\xdfe}')),
  file('book.epub', 'application/epub+zip', LIBREOFFICE),
  made(
    'drawing.odg',
    'application/vnd.oasis.opendocument.graphics',
    archive([
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.graphics' },
      { name: 'META-INF/manifest.xml', content: '<manifest/>' },
    ]),
  ),
  office(`${OOXML}.wordprocessingml.template.main+xml`, 'letter.dotx', `${OOXML}.wordprocessingml.template`),
  office(`${OOXML}.spreadsheetml.template.main+xml`, 'sheet.xltx', `${OOXML}.spreadsheetml.template`),
  office(`${OOXML}.presentationml.template.main+xml`, 'slides.potx', `${OOXML}.presentationml.template`),
  office(`${OOXML}.presentationml.slideshow.main+xml`, 'show.ppsx', `${OOXML}.presentationml.slideshow`),
  office(
    `${OOXML}.presentationml.presentation.main+xml`,
    'a presentation sent as a show',
    `${OOXML}.presentationml.slideshow`,
  ),
  office(
    'application/vnd.ms-word.document.macroEnabled.main+xml',
    'letter.docm',
    'application/vnd.ms-word.document.macroenabled.12',
  ),
  office(
    'application/vnd.ms-excel.sheet.macroEnabled.main+xml',
    'sheet.xlsm',
    'application/vnd.ms-excel.sheet.macroenabled.12',
  ),
  office(
    'application/vnd.ms-excel.sheet.binary.macroEnabled.main',
    'sheet.xlsb',
    'application/vnd.ms-excel.sheet.binary.macroenabled.12',
  ),
  office(
    'application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml',
    'slides.pptm',
    'application/vnd.ms-powerpoint.presentation.macroenabled.12',
  ),
  made(
    'library.jar',
    'application/java-archive',
    archive([{ name: 'META-INF/MANIFEST.MF', content: 'Main-Class: X\n' }]),
  ),
  made(
    'app.apk',
    'application/vnd.android.package-archive',
    archive([
      { name: 'AndroidManifest.xml', content: 'x' },
      { name: 'classes.dex', content: 'dex' },
    ]),
  ),
  made('text.ttf', 'font/ttf', font('\0\x01\0\0')),
  made('text.otf', 'font/otf', font('OTTO')),
  made('outlines of the other kind.otf', 'font/otf', font('\0\x01\0\0')),
  made('text.woff', 'font/woff', wrapped('wOFF')),
  made('text.woff2', 'font/woff2', wrapped('wOF2')),
  text('rows.tsv', 'text/tab-separated-values', 'name\tage\nZoë\t41\n'),
  text('map.geojson', 'application/geo+json', GEOJSON),
  text('type last.geojson', 'application/geo+json', '{"features":[],"type":"FeatureCollection"}'),
  text(
    'long.geojson: its type comes after the prefix',
    'application/geo+json',
    `{"features":[${'{"type":"Feature","geometry":null,"properties":{}},'.repeat(400)}{}],"type":"FeatureCollection"}`,
  ),
  text('map sent as the JSON that it is', 'application/json', GEOJSON),
  text('settings.yaml', 'application/yaml', '# comment\n---\nname: Zoë\nlist:\n  - 1\n'),
  text('list.yml', 'application/yaml', '- a\n- b: 1\n'),
  text('flow.yaml', 'application/yaml', '{a: [1, two]}\n'),
  text('settings.toml', 'application/toml', '# comment\n\n[table."sub table"] # more\nkey = 1\n'),
  text('keys.toml', 'application/toml', 'a."b c" = "x"\n'),
  text('meeting.ics', 'text/calendar', 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n'),
  text('event.ics', 'text/calendar', 'BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n'),
  text('zoe.vcf', 'text/vcard', 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Zoë\r\nEND:VCARD\r\n'),
  text('film.vtt', 'text/vtt', 'WEBVTT - film\n\n00:01.000 --> 00:02.000\n<i>Hi</i>\n'),
  text('film.srt', 'application/x-subrip', '1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n'),
  text('message.eml', 'message/rfc822', MAIL),
  made('latin.eml', 'message/rfc822', join(MAIL, latin1('Gr\xfc\xdfe\r\n'))),
  text('mailbox line.eml', 'message/rfc822', `From a@example.com Thu Nov 26 10:00:00 2026\n${MAIL}`),
  text(
    'long fields.eml',
    'message/rfc822',
    MAIL.replace('To:', `${`X-Long: ${'x'.repeat(70)}\r\n`.repeat(200)}To:`),
  ),
  text('a calendar sent as the text that it is', 'text/plain', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'),
];
