import { describe, expect, test } from 'vitest';
import { findEmbeddedMarkup } from '../../../src/lib/sniff/embedded.ts';

function utf16(text: string): string {
  return Buffer.from(text, 'utf16le').toString('latin1');
}

describe('markup inside a picture', () => {
  test.each([
    '<script>alert(1)</script>',
    '<ScRiPt src=//x>',
    '<?php phpinfo();',
    '<?= `id` ?>',
    '<?=$_GET[0]?>',
    '<?= system("id")',
    '<? echo 1; ?>',
    '<%= Request("x") %>',
    '<% eval request("a") %>',
    '<%@ Page Language="C#" %>',
    '<img src=x onerror=alert(1)>',
    '<x/onfocus=alert(1) autofocus>',
    '<svg/onload=alert(1)>',
    '<a href="javascript:alert(1)">',
    "<form action = 'JavaScript:alert(1)'>",
    '<meta http-equiv=refresh content="0;url=//x">',
    '<base href=//x>',
    '<link rel=stylesheet href=//x>',
    '<style>@import "//x"</style>',
    '<iframe src=//x>',
    '<object data=x>',
    '<embed src=x>',
    '<body>',
    '<!DOCTYPE HTML>',
    '<math><x>',
  ])('is found: %s, in UTF-16 and split by zeros too', (markup) => {
    const before = '\xff\xd8\xff\xe0\0\x10JFIF\0';
    expect(findEmbeddedMarkup(`${before}${markup}\xff`, true)).toBeDefined();
    expect(findEmbeddedMarkup(`${before}${utf16(markup)}\xff`, true)).toBeDefined();
    expect(findEmbeddedMarkup(`${before}${[...markup].join('\0')}\xff`, true)).toBeDefined();
  });

  test.each([
    [
      'XMP',
      '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description photoshop:onLine="1">a &lt;b&gt; <dc:title/></rdf:Description></rdf:RDF></x:xmpmeta>',
    ],
    ['a caption with a link', 'See <a href="https://example.com/">here</a>, <b>now</b><br/>'],
    [
      'a table of a JPEG',
      "\xff\xdb\0C\x01\x0e\x0e\x0e\x1d\x16\x18&\x1d\x1f'8-(,;89988:::989:;><;:;<<<?=<;<=>>==>>>>>=>>>>>?>>>?>>",
    ],
    ['pixels of one dark colour', '<?=<?=<?=<?=<?=<?='],
    ['pixels of another', '<%><%><%><%>'],
    ['a prompt', 'masterpiece <lora:style:0.8>, 1 < 2, a > b'],
  ])('is none: %s', (_what, text) => {
    expect(findEmbeddedMarkup(text, true)).toBeUndefined();
  });

  test('is named by its opening alone', () => {
    expect(findEmbeddedMarkup('<img src=secret onerror=alert(1)>', true)).toBe('<img with a handler');
    expect(findEmbeddedMarkup('<?= `id` ?>', true)).toBe('<?=');
    expect(findEmbeddedMarkup('<IFRAME src=x>', true)).toBe('<iframe');
  });

  test('is not seen in bytes at random', () => {
    let state = 7;
    for (let file = 0; file < 300; file++) {
      let bytes = '';
      for (let at = 0; at < 2_048; at++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes += String.fromCharCode(state >>> 24);
      }
      expect(findEmbeddedMarkup(bytes, true)).toBeUndefined();
    }
  });
});

describe('markup inside sound and film', () => {
  test('is what runs, and nothing else: subtitles and notes are made of markup', () => {
    expect(
      findEmbeddedMarkup('<tt xmlns="http://www.w3.org/ns/ttml"><body><p begin="0s">Hi</p>', false),
    ).toBeUndefined();
    expect(
      findEmbeddedMarkup('<html><head><style>p{}</style></head><body><p>Notes</p></body></html>', false),
    ).toBeUndefined();
    expect(findEmbeddedMarkup('<html><body onload=alert(1)>', false)).toBe('<body with a handler');
    expect(findEmbeddedMarkup('<html><script>alert(1)', false)).toBe('<script');
  });
});
