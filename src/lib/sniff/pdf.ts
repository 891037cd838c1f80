import { toLatin1 } from './bytes.ts';
import { findEmbeddedMarkup } from './embedded.ts';

/** How far into a file its header may stand: what readers have always taken (Adobe PDF 1.7, appendix H, 3.4.1). */
const HEADER_WITHIN_BYTES = 1024;
const HEADER = /%PDF-\d\.\d/;
// What stands before the header must not be the beginning of something that is run or played.
const OTHER = /^(?:#!|ID3|MZ)/;

/** Where a file's PDF header stands; undefined when it has none, or when what stands before it makes it something else. */
export function findPdfHeader(prefix: Uint8Array): number | undefined {
  const at = HEADER.exec(toLatin1(prefix.subarray(0, HEADER_WITHIN_BYTES + 8)))?.index;
  if (at === undefined || at > HEADER_WITHIN_BYTES) return undefined;
  const before = toLatin1(prefix.subarray(0, at));
  return OTHER.test(before) || findEmbeddedMarkup(before, true) !== undefined ? undefined : at;
}

/** True for a text of which a line is a PDF's header, near enough to its beginning: such a PDF has no binary part there. */
export function hasPdfHeaderLine(text: string): boolean {
  const at = text.slice(0, HEADER_WITHIN_BYTES + 8).search(/^%PDF-\d\.\d/m);
  return at > 0 && findEmbeddedMarkup(text.slice(0, at), true) === undefined;
}
