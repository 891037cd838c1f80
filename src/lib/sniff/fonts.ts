import { toLatin1, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

/**
 * Reads fonts: WOFF and WOFF2, which say how long they are, and TrueType and OpenType, by their table of
 * tables.
 */
export function probeFont({ prefix, size }: Bytes): Signature | undefined {
  if (prefix.length < 44) return undefined;
  const view = viewOf(prefix);
  const magic = toLatin1(prefix.subarray(0, 4));
  if (magic === 'wOFF' || magic === 'wOF2') {
    const type = magic === 'wOFF' ? 'font/woff' : 'font/woff2';
    const isLong = view.getUint32(8) === size && view.getUint16(12) > 0;
    return isLong ? { types: [type] } : { beginsAs: type, flaw: 'it has another length than it says' };
  }
  const type =
    magic === 'OTTO' ? 'font/otf' : magic === '\0\x01\0\0' || magic === 'true' ? 'font/ttf' : undefined;
  if (type === undefined) return undefined;
  const tables = view.getUint16(4);
  if (tables === 0 || tables > 256) return undefined;
  for (let at = 12; at < 12 + 16 * tables && at + 16 <= prefix.length; at += 16) {
    const isTable = /^[\x20-\x7e]{4}$/.test(toLatin1(prefix.subarray(at, at + 4)));
    if (!isTable) return undefined;
    if (view.getUint32(at + 8) + view.getUint32(at + 12) > size) {
      return { beginsAs: type, flaw: 'one of its tables is longer than the file' };
    }
  }
  // OpenType may have outlines of TrueType's kind: such a file is both.
  return { types: type === 'font/ttf' ? [type, 'font/otf'] : [type] };
}
