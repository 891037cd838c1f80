import { honestFile, join, latin1, zip } from './bytes.ts';
import { type DishonestFile, file } from './dishonest-file.ts';

const SCRIPT = '<script>alert(1)</script>';
const HTML = `<html><body>${SCRIPT}</body></html>`;
const PDF = honestFile('paper.pdf');
const JPEG = honestFile('picture.jpg');
const GIF = honestFile('picture.gif');
const PNG = honestFile('picture.png');
const CLIP = honestFile('clip.mp4');

/** A JPEG with a comment segment behind its first marker. */
function commented(comment: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(comment.length + 2);
  return join(JPEG.subarray(0, 2), latin1('\xff\xfe'), length, latin1(comment), JPEG.subarray(2));
}

/** Files that are two things at once. */
export const POLYGLOTS: readonly DishonestFile[] = [
  file('a JPEG with HTML in its comment', 'image/jpeg', commented(HTML), 'active_content'),
  file(
    'a JPEG with a script in its comment',
    'image/jpeg',
    commented(SCRIPT.toUpperCase()),
    'active_content',
  ),
  file(
    'a JPEG with PHP in its comment',
    'image/jpeg',
    commented('<?php eval($_POST[0]); ?>'),
    'active_content',
  ),
  file(
    'a JPEG with SVG in its comment',
    'image/jpeg',
    commented(`<svg onload="alert(1)">`),
    'active_content',
  ),
  file('a JPEG with a frame behind', 'image/jpeg', join(JPEG, '<iframe src=//x>'), 'active_content'),
  file(
    'a JPEG with a script far behind the prefix',
    'image/jpeg',
    join(JPEG, Buffer.alloc(9_000), HTML),
    'inert',
  ),
  file(
    'a JPEG that is JavaScript as well',
    'image/jpeg',
    join(latin1('\xff\xd8\xff\xe0/*'), Buffer.alloc(0x2f2a - 2, 'x'), JPEG.subarray(20), '*/=alert(1)//'),
    'inert',
  ),
  file(
    'a JPEG that is JavaScript as well, whose first segment is longer than the file',
    'image/jpeg',
    join(latin1('\xff\xd8\xff\xe0/*'), JPEG.subarray(6), '*/=alert(1)//'),
    'type_unrecognised',
  ),
  file('a JPEG with a zip behind', 'image/jpeg', join(JPEG, zip({ 'x.class': 'x' })), 'inert'),
  file(
    'a PNG with a script in a text chunk',
    'image/png',
    join(PNG.subarray(0, 33), latin1('\0\0\0\x19tEXt'), SCRIPT, latin1('\0\0\0\0'), PNG.subarray(33)),
    'active_content',
  ),
  file('a PNG with HTML behind', 'image/png', join(PNG, HTML), 'active_content'),
  file('a GIF with PHP behind', 'image/gif', join(GIF, '<?php phpinfo();'), 'active_content'),
  file(
    'a phar behind a GIF',
    'image/gif',
    join(GIF, '<?php Phar::mapPhar(); __HALT_COMPILER(); ?>\r\n', latin1('\0\0\0\0GBMB')),
    'active_content',
  ),
  file(
    'a GIF with a document type in a comment',
    'image/gif',
    join(GIF, latin1('!\xfe\x0f'), '<!DOCTYPE HTML>', latin1('\0;')),
    'active_content',
  ),
  file(
    'JavaScript that begins as a GIF does',
    'image/gif',
    Buffer.from('GIF89a=1;alert(1)//aaaaaaaaaaa'),
    'type_mismatch',
  ),
  file(
    'a GIF whose width opens a JavaScript comment',
    'image/gif',
    join('GIF89a/*', GIF.subarray(8), '*/=1;alert(1)'),
    'inert',
  ),
  file(
    'a GIF whose width opens a JavaScript comment, as CSV',
    'text/csv',
    join('GIF89a/*', GIF.subarray(8), '*/=1;alert(1)'),
    'type_mismatch',
  ),
  file('a GIF with an archive behind', 'image/gif', join(GIF, zip({ 'META-INF/MANIFEST.MF': 'x' })), 'inert'),
  file(
    'a BMP that is JavaScript as well, as PNG',
    'image/png',
    latin1('BM/*\0\0\0\0*/=1;alert(1)'),
    'type_unrecognised',
  ),
  file('a WebP with HTML inside', 'image/webp', join(honestFile('picture.webp'), HTML), 'active_content'),
  file('a sound with HTML inside', 'audio/wav', join(honestFile('sound.wav'), HTML), 'active_content'),
  file(
    'an ID3 tag with a script',
    'audio/mpeg',
    join(latin1('ID3\x04\0\0\0\x02\0\0'), SCRIPT, Buffer.alloc(0x8000), honestFile('sound.mp3')),
    'active_content',
  ),
  file(
    'an ID3 tag before a PDF',
    'application/pdf',
    join(latin1('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10), PDF),
    'type_unrecognised',
  ),
  file(
    'a film with a page in a free box',
    'video/mp4',
    join(
      CLIP.subarray(0, 32),
      latin1('\0\0\0', String.fromCharCode(HTML.length + 8), 'free'),
      HTML,
      CLIP.subarray(32),
    ),
    'active_content',
  ),
  file(
    'a WebM with SVG in its title',
    'video/webm',
    join(honestFile('clip.webm'), '<svg/onload=alert(1)>'),
    'active_content',
  ),
  file('a PDF behind an HTML header', 'application/pdf', join(HTML, '\n', PDF), 'active_content'),
  file('a PDF behind waste', 'application/pdf', join(latin1('\0\0\0\0'), PDF), 'inert'),
  file(
    'a PDF behind more waste than readers pass over',
    'application/pdf',
    join(Buffer.alloc(1_025), PDF),
    'type_unrecognised',
  ),
  file(
    'a PDF behind a script',
    'application/pdf',
    join('x<script>alert(1)</script>', PDF),
    'type_unrecognised',
  ),
  file('a PDF with HTML behind its header', 'application/pdf', join('%PDF-1.7\n', HTML, '\n', PDF), 'inert'),
  file(
    'a PDF that runs JavaScript when opened',
    'application/pdf',
    Buffer.from('%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj'),
    'inert',
  ),
  file('a PDF with a zip behind, as a zip', 'application/zip', join(PDF, zip({ a: 'b' })), 'type_mismatch'),
  file('a zip that holds a page', 'application/zip', zip({ 'index.html': HTML }), 'inert'),
  file(
    'a zip whose first name is markup',
    'application/zip',
    zip({ '<script>alert(1)</script>': 'x' }),
    'inert',
  ),
  file(
    'a tar whose first name is markup',
    'application/x-tar',
    join(HTML, honestFile('packed.tar').subarray(HTML.length)),
    'active_content',
  ),
  file(
    'a zip with slipping names',
    'application/zip',
    zip({ '../../etc/cron.d/x': '* * * * * root id' }),
    'inert',
  ),
];
