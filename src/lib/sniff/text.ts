import type { Charset } from '@sluice/contract/encoding';
import { toLatin1 } from './bytes.ts';

/** A prefix as text: the text itself without its byte order mark, with its charset; or why it is not text. */
export type TextReading =
  | { readonly text: string; readonly charset: Charset }
  | {
      /** fit to show */
      readonly flaw: string;
    };

/**
 * Reads a prefix as UTF-8, or as UTF-16 if a byte order mark says so. The end of the prefix may cut off a
 * character if the object goes on.
 */
export function readText(prefix: Uint8Array, isWhole: boolean): TextReading {
  const [first, second, third, fourth] = prefix;
  const isLittle = first === 0xff && second === 0xfe;
  if (isLittle && third === 0 && fourth === 0) return { flaw: 'the text is UTF-32' };
  if (isLittle || (first === 0xfe && second === 0xff)) {
    return decode(prefix, isLittle ? 'utf-16le' : 'utf-16be', 'utf-16', isWhole);
  }
  // Before it is decoded, so that the flaw of a binary file names the place of a byte.
  const at = findControl(toLatin1(prefix), isWhole);
  if (at !== -1) return { flaw: `byte ${at} is a control character, which text does not have` };
  return decode(prefix, 'utf-8', 'utf-8', isWhole);
}

/** The text in one charset, without its byte order mark. */
export function decode(
  prefix: Uint8Array,
  decoder: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252',
  charset: Charset,
  isWhole: boolean,
): TextReading {
  const isWide = charset.startsWith('utf-16');
  try {
    const text = new TextDecoder(decoder, { fatal: true }).decode(prefix, { stream: !isWhole });
    const at = findControl(text, isWhole);
    return at === -1
      ? { text, charset }
      : { flaw: `${isWide ? 'character' : 'byte'} ${at} is a control character, which text does not have` };
  } catch {
    // No bytes are invalid windows-1252 to a decoder.
    return { flaw: `the bytes are not valid ${isWide ? 'UTF-16' : 'UTF-8'}` };
  }
}

// Tab, line feed, vertical tab, form feed and carriage return are white space, and 0x7F is drawn as nothing.
// Escape is text only as terminals and CI logs write it: colours and movements of the cursor, and the choice
// of a character set that resets them. Sequences that set titles, open links or switch to another alphabet
// are not text. A sequence may be cut off.
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\0-\x08\x0e-\x1a\x1c-\x1f]|\x1b(?!\[[0-?]*[ -/]*(?:[@-~]|$)|[()](?:[0AB]|$)|$)/;

/** The place of the first character that text does not have; -1 if there is none. */
function findControl(text: string, isWhole: boolean): number {
  let end = text.length;
  // The end-of-file mark of DOS, which some programs write as often as it takes to fill a block.
  while (isWhole && text.charCodeAt(end - 1) === 0x1a) end -= 1;
  return text.slice(0, end).search(CONTROL);
}
