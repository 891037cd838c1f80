import { toLatin1 } from './bytes.ts';
import { decode, type TextReading } from './text.ts';

/**
 * Reads a prefix as text in an encoding that nothing in the bytes names: UTF-16 without its mark, or windows-1252.
 * To be asked only of bytes that are no UTF-8 and of no binary format, and that were declared as text.
 */
export const readUnmarkedText = (prefix: Uint8Array, isWhole: boolean): TextReading => {
  const wide = toWideDecoder(prefix);
  return wide === undefined ? readWindows1252(prefix, isWhole) : readWide(prefix, wide, isWhole);
};

type Wide = 'utf-16le' | 'utf-16be';

/**
 * The decoder for bytes of which at least half of the pairs have a zero where UTF-16 has it for ASCII. For other text,
 * nothing tells UTF-16 from noise: two bytes of any values are a character of some script.
 */
const toWideDecoder = (prefix: Uint8Array): Wide | undefined => {
  const pairs = Math.floor(prefix.length / 2);
  const zeros = [0, 1].map((parity) =>
    prefix.reduce((sum, byte, at) => sum + (byte === 0 && at % 2 === parity ? 1 : 0), 0),
  );
  const [high = 0, low = 0] = zeros;
  if (Math.max(high, low) * 2 < pairs || pairs === 0) return undefined;
  return low > high ? 'utf-16le' : 'utf-16be';
};

const readWide = (prefix: Uint8Array, decoder: Wide, isWhole: boolean): TextReading =>
  decode(prefix, decoder, decoder, isWhole);

// The five bytes that windows-1252 leaves free. Decoders make control characters of them.
const UNDEFINED = /[\x81\x8d\x8f\x90\x9d]/;
const HIGH = /[\x80-\xff]/g;
// Four letters with accents in a row are a word in another alphabet: Cyrillic, Greek, Hebrew, Arabic, Thai, or the
// double bytes of Chinese, Japanese and Korean. Languages that are written in windows-1252 have at most three.
const FOREIGN_WORD = /[\xc0-\xd6\xd8-\xf6\xf8-\xff]{4,}/g;

/**
 * windows-1252 has a character for almost every byte, so that it cannot be recognised, only be ruled out: by control
 * bytes, which binary data has in the first few dozen bytes; by the bytes that it leaves free; by words in another
 * alphabet; and by UTF-8 that is damaged in few places.
 */
const readWindows1252 = (prefix: Uint8Array, isWhole: boolean): TextReading => {
  const latin1 = toLatin1(prefix);
  const free = latin1.search(UNDEFINED);
  if (free !== -1) return { flaw: `byte ${free} is neither UTF-8 nor windows-1252` };
  if (isMostlyUtf8(prefix)) return { flaw: 'the bytes are not valid UTF-8' };
  const high = latin1.match(HIGH)?.length ?? 0;
  const foreign = latin1.match(FOREIGN_WORD)?.join('').length ?? 0;
  if (foreign * 4 > high) return { flaw: 'the text is in an encoding that Sluice does not know' };
  return decode(prefix, 'windows-1252', 'windows-1252', isWhole);
};

/** True when more characters are sound UTF-8 than are not. In another encoding, hardly two bytes form one by chance. */
const isMostlyUtf8 = (prefix: Uint8Array): boolean => {
  const text = new TextDecoder().decode(prefix);
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  const sound = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return sound > broken;
};
