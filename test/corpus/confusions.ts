import { docx, honestFile, join, latin1, office, zip } from './bytes.ts';
import { type DishonestFile, file } from './dishonest-file.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const HTML = '<html><script>alert(1)</script></html>';
function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

/** One honest format declared as another, encodings that hide markup, and files that are cut off or empty. */
export const CONFUSIONS: readonly DishonestFile[] = [
  file('a PNG as a JPEG', 'image/jpeg', honestFile('picture.png'), 'type_mismatch'),
  file('a JPEG as a PNG', 'image/png', honestFile('picture.jpg'), 'type_mismatch'),
  file('a zip as a document', DOCX, honestFile('packed.zip'), 'type_mismatch'),
  file('a document as a workbook', XLSX, docx(), 'type_mismatch'),
  file(
    'a document with macros as one without',
    DOCX,
    office('word/document.xml', 'application/vnd.ms-word.document.macroEnabled', '<x/>'),
    'type_mismatch',
  ),
  file(
    'a zip that names a document type it does not have',
    'application/vnd.oasis.opendocument.text',
    zip({ mimetype: 'text/html' }),
    'type_mismatch',
  ),
  file('a film as a PDF', 'application/pdf', honestFile('clip.mp4'), 'type_mismatch'),
  file('a PDF as a film', 'video/mp4', honestFile('paper.pdf'), 'type_mismatch'),
  file('CSV as Parquet', 'application/vnd.apache.parquet', Buffer.from('PAR1,PAR2\n1,2\n'), 'type_mismatch'),
  file(
    'Parquet without its end',
    'application/vnd.apache.parquet',
    honestFile('rows.parquet').subarray(0, 200),
    'type_unrecognised',
  ),
  file(
    'UTF-16 HTML, little end first',
    'text/plain',
    join(latin1('\xff\xfe'), utf16(HTML)),
    'active_content',
  ),
  file(
    'UTF-16 HTML, big end first',
    'text/csv',
    join(latin1('\xfe\xff'), utf16(HTML).swap16()),
    'active_content',
  ),
  file('UTF-16 HTML without a byte order mark', 'text/plain', utf16(HTML), 'active_content'),
  file(
    'UTF-16 HTML as a sound: its mark is an MPEG frame',
    'audio/mpeg',
    join(latin1('\xff\xfe'), utf16(HTML)),
    'active_content',
  ),
  file('UTF-32 HTML', 'text/plain', join(latin1('\xff\xfe\0\0<\0\0\0h\0\0\0')), 'text_malformed'),
  file(
    'UTF-16 XML as a picture',
    'image/png',
    join(latin1('\xff\xfe'), utf16('<?xml version="1.0"?><svg/>')),
    'active_content',
  ),
  file('UTF-7 markup', 'text/plain', Buffer.from('+ADw-script+AD4-alert(1)+ADw-/script+AD4-'), 'inert'),
  file('EBCDIC markup', 'text/plain', latin1('\x4c\xa2\x83\x99\x89\x97\xa3\x6e'), 'text_malformed'),
  file('ISO-2022-JP with escapes', 'text/plain', latin1('\x1b$B<s\x1b(B'), 'text_malformed'),
  file('markup in overlong UTF-8', 'text/plain', latin1('\xc0\xbcscript\xc0\xbe'), 'inert'),
  file('a lone surrogate in UTF-8', 'text/csv', latin1('a,\xed\xa0\x80\n'), 'inert'),
  file(
    'Windows-1252 with a byte that it leaves free',
    'text/csv',
    latin1('name\nM\x81ller\n'),
    'text_malformed',
  ),
  file(
    'Cyrillic in an encoding of its own',
    'text/csv',
    latin1('name,\xc8\xe2\xe0\xed\xee\xe2\n'),
    'text_malformed',
  ),
  file('Windows-1252 as JSON', 'application/json', latin1('{"name":"Zo\xeb"}'), 'text_malformed'),
  file(
    'UTF-16 as JSON',
    'application/json',
    join(latin1('\xff\xfe'), utf16('{"name":"Zo"}')),
    'text_malformed',
  ),
  file(
    'UTF-16 that is cut off in a character',
    'text/plain',
    join(latin1('\xff\xfe'), utf16('ab'), 'c'),
    'text_malformed',
  ),
  file(
    'half of a surrogate pair in UTF-16',
    'text/plain',
    join(latin1('\xff\xfe'), utf16('a\ud800b')),
    'text_malformed',
  ),
  file(
    'markup behind a UTF-16 null',
    'text/plain',
    join(latin1('\xff\xfe'), utf16('\0'), utf16(HTML)),
    'text_malformed',
  ),
  file('markup behind a null byte', 'text/plain', latin1('\0', HTML), 'text_malformed'),
  file('a terminal escape', 'text/plain', latin1('\x1b]0;x\x07'), 'text_malformed'),
  file(
    'a byte order mark before a PNG',
    'image/png',
    join('\ufeff', honestFile('picture.png')),
    'type_unrecognised',
  ),
  file(
    'a byte order mark before a zip',
    'application/zip',
    join('\ufeff', honestFile('packed.zip')),
    'type_unrecognised',
  ),
  file('a space before a JPEG', 'image/jpeg', join(' ', honestFile('picture.jpg')), 'type_unrecognised'),
  file('the first three bytes of a JPEG', 'image/jpeg', latin1('\xff\xd8\xff'), 'type_unrecognised'),
  file(
    'the signature of a PNG alone',
    'image/png',
    honestFile('picture.png').subarray(0, 8),
    'type_unrecognised',
  ),
  file('the signature of a GIF alone', 'image/gif', latin1('GIF89a\0'), 'type_unrecognised'),
  file('the first two bytes of a zip', 'application/zip', latin1('PK\x03'), 'type_unrecognised'),
  file(
    'one MPEG frame header and noise',
    'audio/mpeg',
    join(latin1('\xff\xfb\x90\0'), Buffer.alloc(2_000, 7)),
    'type_unrecognised',
  ),
  file('a PDF header without a version', 'application/pdf', latin1('%PDF\0\0'), 'type_unrecognised'),
  file('random bytes as a picture', 'image/webp', latin1('RIFF\x10\0\0\0WEBPJUNK\0'), 'type_unrecognised'),
  file('JSON that is cut off', 'application/json', Buffer.from('{"a":[1,2'), 'text_malformed'),
  file('JavaScript as JSON', 'application/json', Buffer.from(")]}',\nalert(1)"), 'text_malformed'),
  file('a callback as JSON', 'application/json', Buffer.from('callback({"a":1})'), 'text_malformed'),
  file(
    'long JavaScript as JSON',
    'application/json',
    Buffer.from(`[${'0,'.repeat(2_000)}alert(1),${'0,'.repeat(9_000)}0]`),
    'text_malformed',
  ),
  file(
    'one object over many lines as NDJSON',
    'application/x-ndjson',
    Buffer.from('{\n"a":1\n}\n'),
    'text_malformed',
  ),
  file('no bytes as a picture', 'image/png', Buffer.alloc(0), 'type_unrecognised'),
  file('no bytes as JSON', 'application/json', Buffer.alloc(0), 'text_malformed'),
];
