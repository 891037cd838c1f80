import { toLatin1 } from './bytes.ts';
import { findEmbeddedMarkup } from './embedded.ts';

/**
 * How far into a file its header may be: readers have always accepted this (Adobe PDF 1.7, appendix H,
 * 3.4.1).
 */
const HEADER_WITHIN_BYTES = 1024;
const HEADER = /%PDF-\d\.\d/;
// What comes before the header must not begin like something that is run or played.
const OTHER = /^(?:#!|ID3|MZ)/;

/**
 * The place of a file's PDF header; undefined if it has none, or if what comes before makes the file
 * something else.
 */
export function findPdfHeader(prefix: Uint8Array): number | undefined {
  const at = HEADER.exec(toLatin1(prefix.subarray(0, HEADER_WITHIN_BYTES + 8)))?.index;
  if (at === undefined || at > HEADER_WITHIN_BYTES) return undefined;
  const before = toLatin1(prefix.subarray(0, at));
  return OTHER.test(before) || findEmbeddedMarkup(before, true) !== undefined ? undefined : at;
}

/** True for a text with a PDF's header as one of its first lines: such a PDF has no binary part there. */
export function hasPdfHeaderLine(text: string): boolean {
  const at = text.slice(0, HEADER_WITHIN_BYTES + 8).search(/^%PDF-\d\.\d/m);
  return at > 0 && findEmbeddedMarkup(text.slice(0, at), true) === undefined;
}
