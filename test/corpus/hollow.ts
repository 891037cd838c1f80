import { compound, honestFile, join, latin1 } from './bytes.ts';
import { type DishonestFile, file } from './dishonest-file.ts';

const HTML = '<html><script>alert(1)</script></html>';
const BINARY = latin1('\x8f\x01\xfe\x02').toString('latin1');
const WASTE = latin1(BINARY.repeat(2_500));

/** The bytes of an honest file with some of them changed. */
function changed(name: string, at: number, text: string): Buffer {
  const bytes = Buffer.from(honestFile(name));
  bytes.write(text, at, 'latin1');
  return bytes;
}

/** Files that begin as a format does, and have nothing of it behind that. */
export const HOLLOW: readonly DishonestFile[] = [
  file('four bytes of a JPEG', 'image/jpeg', latin1('\xff\xd8\xff\xe0')),
  file('a JPEG header with waste behind it', 'image/jpeg', join(latin1('\xff\xd8\xff\x01'), WASTE)),
  file('a JPEG that has no picture', 'image/jpeg', honestFile('picture.jpg').subarray(0, 20)),
  file(
    'a JPEG whose first segment is longer than the file',
    'image/jpeg',
    latin1('\xff\xd8\xff\xe0\xff\xffJFIF\0', BINARY),
  ),
  file('a PNG with a header alone', 'image/png', honestFile('picture.png').subarray(0, 33)),
  file('a PNG of no width', 'image/png', changed('picture.png', 16, '\0\0\0\0')),
  file('a PNG whose chunk is longer than the file', 'image/png', changed('moving.png', 33, '\x7f')),
  file('a GIF header alone', 'image/gif', latin1('GIF89a\x01\0\x01\0\0\0\0')),
  file('a WebP longer than its file', 'image/webp', honestFile('picture.webp').subarray(0, 50)),
  file('twelve bytes of a film', 'video/mp4', latin1('\0\0\0\x0cftypisom')),
  file('the brands of a film alone', 'video/mp4', latin1('\0\0\0\x18ftypisom\0\0\x02\0isommp41')),
  file(
    'a film without a track',
    'video/mp4',
    latin1('\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x0cmdat', BINARY),
  ),
  file(
    'a film whose tables are empty',
    'video/mp4',
    latin1('\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x08moov'),
  ),
  file('a film whose box is longer than the file', 'video/mp4', honestFile('clip.mp4').subarray(0, 1_000)),
  file(
    'a film of a brand that nobody knows',
    'video/mp4',
    changed('clip.mp4', 8, 'zzzz\0\0\0\0zzzzzzzzzzzzzzzz'),
    'type_unrecognised',
  ),
  file(
    'a picture of another codec as HEIC',
    'image/heic',
    latin1('\0\0\0\x1cftypvvic\0\0\0\0mif1vvicmiaf\0\0\0\x10meta\0\0\0\0\0\0\0\0'),
    'type_mismatch',
  ),
  file('the brands of a picture alone', 'image/avif', latin1('\0\0\0\x18ftypavif\0\0\0\0mif1avif')),
  file('an old film that is one empty box', 'video/quicktime', latin1('\0\0\0\x08wide')),
  file(
    'a gzip header with HTML behind it',
    'application/gzip',
    join(latin1('\x1f\x8b\x08\0\0\0\0\0\0\x03'), HTML),
  ),
  file('a gzip that is cut off', 'application/gzip', honestFile('packed.gz').subarray(0, 18)),
  file('three letters of bzip2 with waste behind them', 'application/x-bzip2', join('BZh9', WASTE)),
  file('the magic of xz with waste behind it', 'application/x-xz', join(latin1('\xfd7zXZ\0'), WASTE)),
  file(
    'the magic of 7z with waste behind it',
    'application/x-7z-compressed',
    join(latin1('7z\xbc\xaf\x27\x1c'), WASTE),
  ),
  file('a 7z that is cut off', 'application/x-7z-compressed', honestFile('packed.7z').subarray(0, 120)),
  file('a zstd frame to skip and nothing behind it', 'application/zstd', latin1('P*M\x18\x04\0\0\0', BINARY)),
  file(
    'a zstd frame to skip that is longer than the file',
    'application/zstd',
    latin1('P*M\x18\xff\0\0\0', BINARY),
  ),
  file('a tar whose checksum is wrong', 'application/x-tar', changed('packed.tar', 0, 'z')),
  file('a tar that is cut off', 'application/x-tar', honestFile('packed.tar').subarray(0, 512)),
  file('PAR1 with waste behind it', 'application/vnd.apache.parquet', join('PAR1', WASTE)),
  file(
    'PAR1 twice with waste between',
    'application/vnd.apache.parquet',
    join('PAR1', WASTE, latin1('\xff\xff\xff\x7fPAR1')),
  ),
  file('the letters of a WAV with waste behind them', 'audio/wav', join(latin1('RIFF\0\0\0\0WAVE'), WASTE)),
  file('a WAV that is cut off', 'audio/wav', honestFile('sound.wav').subarray(0, 2_000)),
  file('the letters of FLAC with waste behind them', 'audio/flac', join('fLaC', WASTE)),
  file('an ID3 tag and waste', 'audio/mpeg', join(latin1('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10), WASTE)),
  file('an ID3 tag and nothing', 'audio/mpeg', join(latin1('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10))),
  file(
    'a file with a password, as a document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    compound('EncryptedPackage', 'EncryptionInfo'),
    'encrypted',
  ),
  file(
    'a file with a password, as a picture',
    'image/png',
    compound('EncryptedPackage', 'EncryptionInfo'),
    'type_mismatch',
  ),
  file('prose as a calendar', 'text/calendar', Buffer.from('BEGIN: VCALENDAR\n'), 'text_malformed'),
  file(
    'a calendar as a contact',
    'text/vcard',
    Buffer.from('BEGIN:VCALENDAR\nEND:VCALENDAR\n'),
    'text_malformed',
  ),
  file('prose as subtitles', 'text/vtt', Buffer.from('WEBVTTX\n'), 'text_malformed'),
  file(
    'prose as subtitles of the other kind',
    'application/x-subrip',
    Buffer.from('1\nHello\n'),
    'text_malformed',
  ),
  file(
    'JSON as GeoJSON',
    'application/geo+json',
    Buffer.from('{"type":"Topology","features":{"type":"Feature"}}'),
    'text_malformed',
  ),
  file('prose as YAML', 'application/yaml', Buffer.from('Dear all\n'), 'text_malformed'),
  file('prose as TOML', 'application/toml', Buffer.from('Dear all,\na = 1\n'), 'text_malformed'),
  file(
    'a form as mail',
    'message/rfc822',
    Buffer.from('Content-Type: text/html\r\n\r\n<p>x'),
    'text_malformed',
  ),
  file('a page as mail', 'message/rfc822', Buffer.from(HTML), 'active_content'),
  file('a page as YAML', 'application/yaml', Buffer.from(HTML), 'active_content'),
  file('a font of another length', 'font/woff2', latin1('wOF2\0\x01\0\0\0\0\0\xff\0\x01', '\0'.repeat(60))),
  file(
    'a font whose table is longer than the file',
    'font/ttf',
    latin1('\0\x01\0\0\0\x01\0\x10\0\0\0\0head\0\0\0\0\0\0\0\x1c\0\0\xff\xff', '\0'.repeat(60)),
  ),
  file('two letters of a bitmap', 'image/bmp', join('BM', WASTE)),
  file(
    'a TIFF whose directory lies beyond the file',
    'image/tiff',
    latin1('II*\0\xff\xff\0\0', '\0'.repeat(16)),
  ),
  file('an AVI that is cut off', 'video/x-msvideo', honestFile('clip.avi').subarray(0, 3_000)),
  file(
    'a compound file of something else, as a document',
    'application/msword',
    compound('Book1', 'Other'),
    'type_mismatch',
  ),
  file('a workbook as a document', 'application/msword', honestFile('sheet.xls'), 'type_mismatch'),
  file('a document that is cut off', 'application/msword', honestFile('letter.doc').subarray(0, 700)),
  file(
    'an old document as a new one',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    compound('1Table', 'WordDocument'),
    'type_mismatch',
  ),
];
