import { toLatin1 } from './bytes.ts';
import { decode, type TextReading } from './text.ts';

/**
 * Reads a prefix as text in an encoding that nothing in the bytes names: UTF-16 without its mark, or
 * windows-1252. Call it only for bytes that are neither UTF-8 nor of a binary format, and that were declared
 * as text.
 */
export function readUnmarkedText(prefix: Uint8Array, isWhole: boolean): TextReading {
  const wide = toWideDecoder(prefix);
  return wide === undefined ? readWindows1252(prefix, isWhole) : readWide(prefix, wide, isWhole);
}

type Wide = 'utf-16le' | 'utf-16be';

/**
 * The decoder for bytes if at least half of their pairs have a zero where UTF-16 has one for ASCII. For other
 * text, nothing distinguishes UTF-16 from noise: two bytes of any values are a character of some script.
 */
function toWideDecoder(prefix: Uint8Array): Wide | undefined {
  const pairs = Math.floor(prefix.length / 2);
  const zeros = [0, 1].map((parity) =>
    prefix.reduce((sum, byte, at) => sum + (byte === 0 && at % 2 === parity ? 1 : 0), 0),
  );
  const [high = 0, low = 0] = zeros;
  if (Math.max(high, low) * 2 < pairs || pairs === 0) return undefined;
  return low > high ? 'utf-16le' : 'utf-16be';
}

function readWide(prefix: Uint8Array, decoder: Wide, isWhole: boolean): TextReading {
  return decode(prefix, decoder, decoder, isWhole);
}

// The five bytes that windows-1252 leaves free. Decoders turn them into control characters.
const UNDEFINED = /[\x81\x8d\x8f\x90\x9d]/;
const HIGH = /[\x80-\xff]/g;

// Four different characters beyond ASCII in a row are a word in another alphabet (Cyrillic, Greek, Arabic,
// Thai), or the double bytes of Chinese, Japanese and Korean. Languages that are written in windows-1252 have
// at most three; rows of one character are lines that somebody drew.
const FOREIGN_WORD = /([\x80-\xff])(?!\1{3})[\x80-\xff]{3,}/g;

// A sign in the middle of a word is a letter of another code page: `caf‚s` in CP850, `ma³y` in windows-1250.
// Signs that do appear there do not count: apostrophes, accents written as such, dashes, hyphens, ellipses,
// the dot of Catalan.
const LETTER =
  'A-Za-z\\x83\\x8a\\x8c\\x8e\\x9a\\x9c\\x9e\\x9f\\xaa\\xb5\\xba\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\xff';
const SIGN =
  '\\x80\\x82\\x84\\x86-\\x89\\x8b\\x93-\\x95\\x98\\x99\\x9b\\xa1-\\xa9\\xab\\xac\\xae-\\xb3\\xb6\\xb8\\xb9\\xbb-\\xbf\\xd7\\xf7';
const SIGN_IN_WORD = new RegExp(`(?<=[${LETTER}])[${SIGN}](?=[${LETTER}])`, 'g');

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.join('').length ?? 0;
}

/**
 * windows-1252 has a character for almost every byte, so it cannot be recognised, only ruled out: by control
 * bytes, which binary data has in the first few dozen bytes; by the bytes that it leaves free; by what no
 * language written in it has; and because the text is UTF-8 that is damaged in a few places.
 */
function readWindows1252(prefix: Uint8Array, isWhole: boolean): TextReading {
  const latin1 = toLatin1(prefix);
  const free = latin1.search(UNDEFINED);
  if (free !== -1) return { flaw: `byte ${free} is neither UTF-8 nor windows-1252` };
  if (isMostlyUtf8(prefix)) return { flaw: 'the bytes are not valid UTF-8' };
  const odd = countOf(latin1, FOREIGN_WORD) + countOf(latin1, SIGN_IN_WORD);
  if (odd * 4 > countOf(latin1, HIGH))
    return { flaw: 'the text is in an encoding that Sluice does not know' };
  return decode(prefix, 'windows-1252', 'windows-1252', isWhole);
}

/**
 * True if more characters are sound UTF-8 than broken. In another encoding, two bytes rarely form one by
 * chance.
 */
function isMostlyUtf8(prefix: Uint8Array): boolean {
  const text = new TextDecoder().decode(prefix);
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  const sound = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return sound > broken;
}
