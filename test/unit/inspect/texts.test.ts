import { describe, expect, test } from 'vitest';
import { look } from './file.ts';

const CSV = 'text/csv';
const JSON_TYPE = 'application/json';
const NDJSON = 'application/x-ndjson';

describe('a text to its end', () => {
  const far = 'x'.repeat(70_000);
  test.each([
    ['UTF-8', Buffer.from(`${far}é`), { encoding: 'utf-8' }],
    ['UTF-8 with its mark', Buffer.from('\ufeffabc'), { encoding: 'utf-8' }],
    [
      'windows-1252 from its first word on',
      Buffer.from('café\n'.repeat(9), 'latin1'),
      { encoding: 'windows-1252' },
    ],
    ['windows-1252 after 70,000 letters', Buffer.from(`${far} café`, 'latin1'), { encoding: 'windows-1252' }],
    ['UTF-16', Buffer.from('\ufeffäbc', 'utf16le'), { encoding: 'utf-16le' }],
    ['UTF-16 without its mark', Buffer.from('abcdefgh', 'utf16le'), { encoding: 'utf-16le' }],
    [
      'UTF-8 and then another encoding',
      Buffer.concat([Buffer.from(`é${far}`), Buffer.from('é', 'latin1'), Buffer.from('x')]),
      { encoding: 'utf-8', malformed: 'byte 70002 is not valid UTF-8' },
    ],
    [
      'a character cut off at the end',
      Buffer.from('éé').subarray(0, 3),
      { encoding: 'utf-8', malformed: 'byte 2 is not valid UTF-8' },
    ],
    [
      'half a pair at the end of UTF-16',
      Buffer.from('fffe41003dd8', 'hex'),
      { encoding: 'utf-16le', malformed: 'its end is not valid UTF-16' },
    ],
    [
      'a zero byte',
      Buffer.from(`${far}\0`),
      { encoding: 'utf-8', malformed: 'byte 70000 is a control character, which text does not have' },
    ],
    ['the end-of-file marks of DOS', Buffer.from('abc\x1a\x1a'), { encoding: 'utf-8' }],
    [
      'text after an end-of-file mark',
      Buffer.from('abc\x1ax'),
      { encoding: 'utf-8', malformed: 'byte 3 is a control character, which text does not have' },
    ],
    ['no bytes', Buffer.alloc(0), { encoding: 'utf-8' }],
  ])('is read: %s', async (_, bytes, facts) => {
    expect(await look('text/plain', bytes)).toEqual({ facts });
    expect(await look('text/plain', bytes, { chunkBytes: 7 })).toEqual({ facts });
  });
});

describe('CSV', () => {
  test.each<[string, string, object]>([
    ['rows and columns', 'a,b\n1,2\n3,4\n', { 'csv.rows': 3, 'csv.columns': 2 }],
    ['an end without a line break', 'a,b\r\n1,2', { 'csv.rows': 2, 'csv.columns': 2 }],
    ['old line breaks', 'a,b\r1,2\r', { 'csv.rows': 2, 'csv.columns': 2 }],
    ['semicolons', 'a;b;c\n1,5;2;3\n', { 'csv.rows': 2, 'csv.columns': 3 }],
    [
      'a separator that is named',
      'sep=|\r\na|b,c,d\n1\n',
      { 'csv.rows': 2, 'csv.columns': 2, 'csv.ragged': 3 },
    ],
    ['quotes, with everything in them', 'a,b\n"x,\n""y""",2\n', { 'csv.rows': 2, 'csv.columns': 2 }],
    ['empty lines', 'a,b\n\n\r\n1,2\n\n', { 'csv.rows': 2, 'csv.columns': 2 }],
    ['a row too long', 'a,b\n"x\ny",2\n1,2,3\n1\n', { 'csv.rows': 4, 'csv.columns': 2, 'csv.ragged': 4 }],
    [
      'a quote that stays open',
      'a,b\n1,2\n"x,2\n3,4\n',
      {
        'csv.rows': 3,
        'csv.columns': 2,
        'csv.ragged': 3,
        malformed: 'line 3: a quote is opened and never closed',
      },
    ],
    ['nothing', '', { 'csv.rows': 0, 'csv.columns': 0 }],
  ])('with %s', async (_, text, facts) => {
    for (const chunkBytes of [65_536, 1, 3]) {
      expect(await look(CSV, text, { chunkBytes })).toEqual({
        facts: { encoding: 'utf-8', 'csv.formulas': 0, ...facts },
      });
    }
  });

  test('is read the same in UTF-16', async () => {
    expect(await look(CSV, Buffer.from('\ufeffä,b\n=1,2\n', 'utf16le'))).toEqual({
      facts: { encoding: 'utf-16le', 'csv.rows': 2, 'csv.columns': 2, 'csv.formulas': 1 },
    });
  });

  test.each([
    ['=1+1', 1],
    ['"=HYPERLINK(""http://x"")"', 1],
    ['"\t=1+1"', 1],
    ['＝1+1', 1],
    ['@SUM(A1)', 1],
    ["+cmd|'/c calc'!A0", 1],
    ["-2+3+cmd|'/c calc'!A0", 1],
    ['-abc', 1],
    ['-1+SUM(A1)', 1],
    ['-1', 0],
    ['"-1,234.50"', 0],
    ['-1.5e-7', 0],
    ['-12 %', 0],
    ['+49 (170) 1234567', 0],
    ['-', 0],
    ['=', 0],
    ['-inf', 0],
    ['- see page 5', 0],
    ['@ada', 0],
    ['a=b', 0],
    ['éa', 0],
  ])('has %s as a cell: %i formulas', async (cell, formulas) => {
    const { facts } = await look(CSV, `a,b\n${cell},1\n`, { chunkBytes: 2 });
    expect(facts['csv.formulas']).toBe(formulas);
  });

  test('has tabs for separators where its type says so', async () => {
    expect((await look('text/tab-separated-values', 'a,b,c\td\n1\t2\n')).facts).toMatchObject({
      'csv.columns': 2,
      'csv.rows': 2,
    });
  });
});

describe('JSON', () => {
  test.each([
    '{"a":[1,-0.5e+3,true,false,null,"\\u00e9\\n",{},[]],"b":{"c":"é"}}',
    ' [ 1 , 2 ]\r\n',
    '"x"',
    '0',
    '-1.0',
    'true',
    '[[[]]]',
  ])('is well-formed: %s', async (text) => {
    for (const chunkBytes of [1, 3, 65_536]) {
      expect(await look(JSON_TYPE, text, { chunkBytes })).toEqual({
        facts: { encoding: 'utf-8', 'json.values': 1 },
      });
    }
  });

  test.each([
    ['{"a":1,}', 'line 1: a name in quotes is missing'],
    ['{\n"a" 1}', 'line 2: a colon is missing'],
    ['[1\n2]', 'line 2: a comma is missing'],
    ['[1,]', 'line 1: a value is missing'],
    ['[01]', 'line 1: a comma is missing'],
    ['[1.]', 'line 1: a number is wrong'],
    ['[-]', 'line 1: a number is wrong'],
    ['[1e]', 'line 1: a number is wrong'],
    ['[tru]', 'line 1: a value is missing'],
    ['[+1]', 'line 1: a value is missing'],
    ["['a']", 'line 1: a value is missing'],
    ['["a\nb"]', 'line 1: a string has a control character, or its end is missing'],
    ['["\\x"]', 'line 1: an escape in a string is wrong'],
    ['["\\u12g4"]', 'line 1: an escape in a string is wrong'],
    ['[}', 'line 1: a value is missing'],
    ['[1}', 'line 1: a bracket is closed that is not open'],
    ['{]', 'line 1: a name in quotes is missing'],
    ['[1', 'line 1: its end is missing'],
    ['{"a":', 'line 1: its end is missing'],
    ['"a', 'line 1: its end is missing'],
    ['', 'line 1: there is no value'],
    ['1\n2', 'line 2: there is more after the value'],
    ['[] x', 'line 1: there is more after the value'],
    ['['.repeat(1001), 'line 1: values are nested more than 1000 deep'],
  ])('is malformed: %s', async (text, malformed) => {
    for (const chunkBytes of [1, 65_536]) {
      expect((await look(JSON_TYPE, text, { chunkBytes })).facts.malformed).toBe(malformed);
    }
  });

  test('is read as JSON.parse reads it', async () => {
    const { default: fc } = await import('fast-check');
    await fc.assert(
      fc.asyncProperty(
        fc.json({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom('', '"', ',', ']', '0', '-', 'e'),
        async (text, at, put) => {
          const changed =
            text.slice(0, at % text.length) + put + text.slice((at % text.length) + (put === '' ? 0 : 1));
          let isGood = true;
          try {
            JSON.parse(changed);
          } catch {
            isGood = false;
          }
          const { facts } = await look(JSON_TYPE, changed, { chunkBytes: 5 });
          expect(facts.malformed === undefined).toBe(isGood);
        },
      ),
    );
  });
});

describe('NDJSON', () => {
  test('is a value on each line', async () => {
    expect(await look(NDJSON, '{"a":1}\r\n\n[2]\n3')).toEqual({
      facts: { encoding: 'utf-8', 'json.values': 3 },
    });
    expect(await look(NDJSON, '')).toEqual({ facts: { encoding: 'utf-8', 'json.values': 0 } });
  });

  test.each([
    ['{"a":1}\n{"a":\n1}', 'line 2: a value does not end on its line'],
    ['1\n2 3\n', 'line 2: there is more after the value'],
    ['1\n{"a"', 'line 2: its end is missing'],
  ])('is malformed: %j', async (text, malformed) => {
    expect((await look(NDJSON, text)).facts.malformed).toBe(malformed);
  });
});
