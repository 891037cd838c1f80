import type { Reader } from './reader.ts';

const MACRO_PART =
  /(?:^|\/)(?:vbaProject\.bin|vbaData\.xml|macrosheets\/[^/]+\.xml|Basic\/[^/]+\/script-lb\.xml)$/i;

/** True for the name of a part that holds macros, in a file of Office or LibreOffice. */
export function isMacroPart(name: string): boolean {
  return MACRO_PART.test(name);
}

/** The name of the storage that holds macros in an Office file of before 2007, as its directory has it. */
export const MACRO_STREAM = Buffer.from('_VBA_PROJECT', 'utf16le');

/** True if bytes occur anywhere in what is left of a stream. */
export async function finds(content: Reader, bytes: Buffer): Promise<boolean> {
  let before: Uint8Array = new Uint8Array();
  for await (const chunk of content.chunks()) {
    const both = Buffer.concat([before, chunk]);
    if (both.includes(bytes)) return true;
    before = both.subarray(-(bytes.length - 1));
  }
  return false;
}
