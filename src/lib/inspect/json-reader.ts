import { createNumberReader } from './json-number.ts';
import type { TextReader } from './text-reader.ts';

// What the parsers of apps take at least.
const MOST_DEEP = 1_000;

const WORDS: Readonly<Record<number, string>> = { 116: 'true', 102: 'false', 110: 'null' };
const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const ENDS_STRING = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c ? 1 : 0,
);

type State =
  | 'value' // before a value
  | 'first value' // before the first value of an array, or its end
  | 'first key'
  | 'key'
  | 'colon'
  | 'comma' // after a value: a comma, or an end
  | 'string'
  | 'escape'
  | 'digits' // of an escape
  | 'number'
  | 'word';

const MISSING: Partial<Readonly<Record<State, string>>> = {
  value: 'a value is missing',
  'first value': 'a value is missing',
  key: 'a name in quotes is missing',
  'first key': 'a name in quotes is missing',
  colon: 'a colon is missing',
  comma: 'a comma is missing',
};

/**
 * Reads JSON (RFC 8259) without building it: one value, or one on each line. Knows the line of the first
 * fault, and remembers no more than how values are nested.
 */
export function createJsonReader({ isByLine }: { readonly isByLine: boolean }): TextReader {
  let state: State = 'value';
  // 1 for an object, 0 for an array; nothing between them is kept.
  const nest = new Uint8Array(MOST_DEEP);
  let depth = 0;
  let line = 1;
  let values = 0;
  let isOver = false;
  let isKey = false;
  let word = '';
  let letters = 0;
  let digits = 0;
  const number = createNumberReader();
  let fault: string | undefined;

  const fail = (what: string) => {
    fault ??= `line ${line}: ${what}`;
    return false;
  };
  const endValue = () => {
    state = 'comma';
    if (depth > 0) return;
    values++;
    isOver = true;
  };
  const open = (kind: 0 | 1) => {
    if (depth === MOST_DEEP) return fail(`values are nested more than ${MOST_DEEP} deep`);
    nest[depth++] = kind;
    state = kind === 1 ? 'first key' : 'first value';
    return true;
  };
  const close = (kind: 0 | 1) => {
    if (depth === 0 || nest[depth - 1] !== kind) return fail('a bracket is closed that is not open');
    depth--;
    endValue();
    return true;
  };
  const endLine = () => {
    if (isByLine) {
      if (depth > 0 || state === 'colon') return fail('a value does not end on its line');
      state = 'value';
      isOver = false;
    }
    line++;
    return true;
  };

  const beginValue = (byte: number): boolean => {
    if (isOver) return fail('there is more after the value');
    if (byte === 0x7b) return open(1);
    if (byte === 0x5b) return open(0);
    if (byte === 0x22) {
      isKey = false;
      state = 'string';
      return true;
    }
    const begun = WORDS[byte];
    if (begun !== undefined) {
      word = begun;
      letters = 1;
      state = 'word';
      return true;
    }
    state = 'number';
    return number.begin(byte) || fail('a value is missing');
  };

  /** One byte between strings and the like: structure, and what begins a value. */
  const between = (byte: number): boolean => {
    if (byte === 0x20 || byte === 9 || byte === 13) return true;
    if (byte === 10) return endLine();
    if (state === 'comma') {
      if (depth === 0) return fail('there is more after the value');
      const isObject = nest[depth - 1] === 1;
      if (byte === 0x2c) {
        state = isObject ? 'key' : 'value';
        return true;
      }
      if (byte === 0x7d) return close(1);
      return byte === 0x5d ? close(0) : fail('a comma is missing');
    }
    if (state === 'colon') {
      if (byte !== 0x3a) return fail('a colon is missing');
      state = 'value';
      return true;
    }
    if (state === 'key' || state === 'first key') {
      if (byte === 0x7d && state === 'first key') return close(1);
      if (byte !== 0x22) return fail('a name in quotes is missing');
      isKey = true;
      state = 'string';
      return true;
    }
    return byte === 0x5d && state === 'first value' ? close(0) : beginValue(byte);
  };

  /** Reads on within a string. Returns the next place. */
  const stringOn = (chunk: Buffer, from: number): number => {
    let at = from;
    while (at < chunk.length && ENDS_STRING[chunk[at] as number] === 0) at++;
    const byte = chunk[at];
    if (byte === 0x5c) state = 'escape';
    else if (byte === 0x22 && isKey) state = 'colon';
    else if (byte === 0x22) endValue();
    else if (byte !== undefined) fail('a string has a control character, or its end is missing');
    return at + 1;
  };
  const escapeOn = (byte: number) => {
    if (state === 'digits') {
      if (!isHex(byte)) return fail('an escape in a string is wrong');
      if (--digits === 0) state = 'string';
      return true;
    }
    digits = 4;
    state = byte === 0x75 ? 'digits' : 'string';
    return byte === 0x75 || ESCAPES.has(byte) || fail('an escape in a string is wrong');
  };
  const wordOn = (byte: number) => {
    if (byte !== word.charCodeAt(letters)) return fail('a value is missing');
    if (++letters === word.length) endValue();
    return true;
  };

  return {
    read(chunk) {
      for (let at = 0; at < chunk.length && fault === undefined; ) {
        const byte = chunk[at] as number;
        if (state === 'string') {
          at = stringOn(chunk, at);
        } else if (state === 'number') {
          // What ends a number is not part of it.
          if (number.next(byte)) at++;
          else if (number.isWhole()) endValue();
          else fail('a number is wrong');
        } else {
          if (state === 'escape' || state === 'digits') escapeOn(byte);
          else if (state === 'word') wordOn(byte);
          else between(byte);
          at++;
        }
      }
      return fault === undefined;
    },
    end(isCut) {
      if (state === 'number' && depth === 0 && number.isWhole()) endValue();
      const isOpen = depth > 0 || !(state === 'comma' || (state === 'value' && isByLine));
      if (isOpen && !isCut)
        fail(MISSING[state] === undefined || depth > 0 ? 'its end is missing' : 'there is no value');
      return { 'json.values': values, ...(fault !== undefined && { malformed: fault }) };
    },
  };
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
