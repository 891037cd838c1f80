import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPage } from '../../../src/lib/sniff/page.ts';

// What a browser passes over before it comes to the element that makes a page of the rest.
const passedOver = fc
  .array(
    fc.constantFrom(
      ' ',
      '\n',
      '\ufeff',
      '<!-- a > b -->',
      '<!-->',
      '<!--a--!>',
      '</p>',
      '<br/>',
      '<p align="center">',
      "<a title='>'>",
      '<b>',
      '<x-y z>',
      '<?xml version="1.0"?>',
      '<title>',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('a page', () => {
  const PAGES = [
    '<!doctype html>',
    '<!DOCTYPE svg>',
    '<!ENTITY a "b">',
    '<?xml-stylesheet href="a"?>',
    '<?php',
    '<?=',
    '<html>',
    '<HTML lang=en>',
    '<head>',
    '<body onload=a()>',
    '<script>',
    '<SCRIPT/SRC=//x>',
    '<svg/onload=a()>',
    '<svg:svg>',
    '<iframe src=//x>',
    '<object data=x>',
    '<embed src=x>',
    '<meta http-equiv=refresh>',
    '<base href=//x>',
    '<link rel=import>',
    '<style>',
    '<hta:application>',
    '<img src=x onerror=a()>',
    '<x onfocus="a()" autofocus>',
    '<a href="javascript:a()">',
    "<a href= ' vbscript:a()'>",
    '<b/onclick=a()>',
    '<p srcdoc="x">',
  ];

  test('is found by its first element, behind whatever a browser passes over', () => {
    fc.assert(
      fc.property(passedOver, fc.constantFrom(...PAGES), fc.string(), (before, page, after) => {
        expect(findPage(before + page + after), before + page).toBeDefined();
      }),
      { numRuns: 3_000 },
    );
  });

  test('is none where a word stands before it', () => {
    fc.assert(
      fc.property(
        passedOver,
        fc.stringMatching(/^[\w#*-]/),
        fc.constantFrom(...PAGES),
        (before, word, page) => {
          expect(findPage(before + word + page)).toBeUndefined();
        },
      ),
    );
  });

  test.each([
    '',
    'text',
    '# Title',
    '<',
    '< script>',
    '<3',
    '<<script>',
    '<anna> hi',
    '<none>,1',
    '<scripted>',
    '<bodyguard> hi',
    '<objection>',
    '<p',
    '<p title="never ends>\n<script>',
    '<!-- never ends <script>',
    '<https://example.com>',
    '<ada@example.com>',
    '<on=> a',
    '<h1 align="center">\n  <img src="a.svg" alt="onward = up">\n</h1>',
    '<a href="https://x/?on=1">a</a>',
  ])('is not %j', (text) => {
    expect(findPage(text)).toBeUndefined();
  });

  test('says what was found', () => {
    expect(findPage('\n<SCRIPT src=x>')).toBe('<script …> before any text');
    expect(findPage('<?php echo')).toBe('<?php …> before any text');
    expect(findPage('<img onerror=a()>')).toBe('an element with a script before any text');
  });

  test('is looked for in time that grows with the length', () => {
    // Each could have a pattern begin anew from every character.
    for (const piece of ['<p a="', "<p '", '<!--', '</p ', '<p a=b ', '<!-->', '<p>', '<p / on']) {
      expect(() => findPage(piece.repeat(8_192))).not.toThrow();
    }
  });
});
