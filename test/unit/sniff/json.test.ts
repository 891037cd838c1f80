import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJson, isJsonLines } from '../../../src/lib/sniff/json.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const document = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'))
  .map(([json, indent]) => JSON.stringify(JSON.parse(json), null, indent));

describe('isJson', () => {
  test('takes every prefix of a JSON document that goes on', () => {
    fc.assert(
      fc.property(document, fc.nat(), (text, cut) => {
        expect(isJson(text.slice(0, cut % (text.length + 1)), false)).toBe(true);
      }),
    );
  });

  test('takes a beginning exactly when there is an end that makes it JSON', () => {
    const tokens = ['[', ']', '{', '}', ',', ':', '"k"'];
    const extend = (texts: string[]) => texts.flatMap((text) => tokens.map((token) => text + token));
    const [one, two, three] = [extend(['']), extend(extend([''])), extend(extend(extend([''])))];
    const beginnings = ['', ...one, ...two, ...three];
    // Of three tokens, only `[{"k"` needs an end of four.
    const ends = [...beginnings, ':"k"}]'];
    const wrong = beginnings.filter((text) => isJson(text, false) !== ends.some((end) => parses(text + end)));
    expect(wrong).toEqual([]);
  });

  test.each([
    '<script>',
    'alert(1)',
    '[1 2',
    '{"a" 1',
    '{a:1',
    "['",
    '[01',
    '}',
    '{"a":1]',
    '{} {',
    '[1,,',
    '{,',
    '[tru,',
    '["a\n',
    '["\t"',
    '[1.x',
    '[00',
    '[-]',
  ])('refuses %j, which nothing can complete', (text) => {
    expect(isJson(text, false)).toBe(false);
  });

  test.each([
    '',
    ' \n',
    '{',
    '{"a',
    '{"a":',
    '{"a":[1,{"b":"\\u00',
    '[-',
    '[1.',
    '[1e+',
    '[tr',
    '"é',
    '[[[[',
  ])('takes %j, which can still be completed', (text) => {
    expect(isJson(text, false)).toBe(true);
  });

  test('takes eight thousand open brackets without running out of stack', () => {
    expect(isJson('['.repeat(8_192), false)).toBe(true);
    expect(isJson('['.repeat(8_192), true)).toBe(false);
  });
});

describe('isJsonLines', () => {
  const line = fc.json({ maxDepth: 2 });

  test('takes documents one a line, cut anywhere when the object goes on', () => {
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.nat(), (lines, end, cut) => {
        const text = lines.join(end);
        expect(isJsonLines(text, true)).toBe(true);
        expect(isJsonLines(text.slice(0, cut % (text.length + 1)), false)).toBe(true);
      }),
    );
  });

  test.each(['{"a":1}\nx\n{"a":2}', '{\n"a":1}\n', '{"a":1} {"a":2}\n'])('refuses %j', (text) => {
    expect(isJsonLines(text, true)).toBe(false);
    expect(isJsonLines(text, false)).toBe(false);
  });

  test('refuses a last line that is cut off when the object ends there', () => {
    expect(isJsonLines('{"a":1}\n{"a"', true)).toBe(false);
    expect(isJsonLines('{"a":1}\n{"a"', false)).toBe(true);
  });
});
