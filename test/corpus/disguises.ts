import { latin1 } from './bytes.ts';
import type { DishonestFile } from './dishonest-file.ts';

const SCRIPT = '<script>alert(document.domain)</script>';
const HTML = `<!DOCTYPE html><html><body>${SCRIPT}</body></html>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`;
const XHTML = `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${SCRIPT}</html>`;
const XSLT = '<?xml version="1.0"?><?xml-stylesheet href="data:text/xsl,x"?><a/>';

function active(name: string, declared: DishonestFile['declared'], content: string | Buffer): DishonestFile {
  return { name, declared, bytes: Buffer.from(content), outcome: 'active_content' };
}

/** Pages, pictures and documents that run scripts, under every name that they might slip through with. */
export const DISGUISES: readonly DishonestFile[] = [
  active('HTML as a PNG', 'image/png', HTML),
  active('HTML as a JPEG', 'image/jpeg', HTML),
  active('HTML as a PDF', 'application/pdf', HTML),
  active('HTML as a CSV', 'text/csv', HTML),
  active('HTML as plain text', 'text/plain', HTML),
  active('HTML as Markdown', 'text/markdown', `${HTML}\n# Title\n`),
  active('HTML as JSON', 'application/json', HTML),
  active('HTML as a film', 'video/mp4', HTML),
  active('HTML as a zip', 'application/zip', HTML),
  active('HTML in capitals', 'text/plain', HTML.toUpperCase()),
  active('HTML after white space', 'text/plain', ` \t\r\n\f\n${HTML}`),
  active('HTML after a byte order mark', 'text/csv', `\ufeff${HTML}`),
  active('HTML after two byte order marks', 'text/csv', `\ufeff\ufeff${HTML}`),
  active('HTML after a byte order mark and white space', 'text/plain', `\ufeff \n${HTML}`),
  active('HTML after a comment', 'text/plain', `<!-- ${'x'.repeat(2_000)} -->${HTML}`),
  active('HTML that begins with a closing tag', 'text/plain', `</p>${HTML}`),
  active('HTML after a comment that browsers end early', 'text/plain', `<!-->${HTML}-->`),
  active('HTML after a comment that ends with a bang', 'text/plain', `<!-- --!>${HTML}-->`),
  active('a script in a paragraph, before any word', 'text/markdown', `<p align="center">\n  ${SCRIPT}</p>`),
  active('a link that runs, before any word', 'text/markdown', '<a href="javascript:alert(1)">Title</a>'),
  active('a handler behind a quoted bracket', 'text/markdown', '<img alt=">" src=x onerror=alert(1)>'),
  active('a frame with a page in its attribute', 'text/plain', '<p srcdoc="<script>alert(1)</script>">'),
  active('an application of Windows as plain text', 'text/plain', '<HTA:APPLICATION id=a>'),
  active('a style sheet that transforms as plain text', 'text/plain', '<xsl:stylesheet version="1.0">'),
  active('HTML in windows-1252', 'text/plain', latin1(HTML, '\xe9')),
  active('a lone script element', 'text/plain', SCRIPT),
  active('a picture element with a handler', 'text/csv', '<img src=x onerror=alert(1)>,1\n'),
  active('an unknown element with a handler', 'text/plain', '<x onfocus=alert(1) autofocus tabindex=1>'),
  active('HTML with binary waste behind', 'image/gif', latin1(HTML, '\0\x01\xff\xfe')),
  active('SVG as a PNG', 'image/png', SVG),
  active('SVG as a JPEG', 'image/jpeg', SVG),
  active('SVG as a GIF', 'image/gif', SVG),
  active('SVG as WebP', 'image/webp', SVG),
  active('SVG as AVIF', 'image/avif', SVG),
  active('SVG as plain text', 'text/plain', SVG),
  active('SVG with an XML declaration as a PNG', 'image/png', `<?xml version="1.0"?>${SVG}`),
  active(
    'SVG with a document type as a PNG',
    'image/png',
    `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">${SVG}`,
  ),
  active('XHTML as CSV', 'text/csv', XHTML),
  active('XML with a style sheet as plain text', 'text/plain', XSLT),
  active(
    'an external entity as JSON',
    'application/json',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///x">]><a>&b;</a>',
  ),
  active('PHP as plain text', 'text/plain', '<?php system($_GET["c"]);'),
  active('PHP with a short tag as CSV', 'text/csv', '<?= `id` ?>'),
];
