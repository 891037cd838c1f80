import { toLatin1, viewOf } from '../sniff/bytes.ts';

const GPS_DIRECTORY = 0x8825;
const LATITUDES = new Set([2, 4]);

/**
 * True if EXIF data (a small TIFF) has a place: latitude or longitude in its directory for GPS. Cameras that
 * know no place write that directory, too, with its version alone.
 */
export function hasGpsInExif(tiff: Uint8Array): boolean {
  const isLittle = tiff[0] === 0x49;
  const view = viewOf(tiff);
  if (tiff.length < 8 || view.getUint16(2, isLittle) !== 42) return false;
  for (const { tag, at } of entriesOf(view, view.getUint32(4, isLittle), isLittle)) {
    if (tag !== GPS_DIRECTORY) continue;
    const places = entriesOf(view, view.getUint32(at + 8, isLittle), isLittle);
    if (places.some((entry) => LATITUDES.has(entry.tag))) return true;
  }
  return false;
}

/** True if XMP has a place. Its attributes and elements have the same names. */
export function hasGpsInXmp(xmp: Uint8Array): boolean {
  const text = toLatin1(xmp);
  // XMP can be UTF-16 in formats where nobody would expect it.
  return /GPSL(?:atitude|ongitude)\b/.test(text.includes('\0') ? text.replaceAll('\0', '') : text);
}

function entriesOf(view: DataView, start: number, isLittle: boolean) {
  if (start + 2 > view.byteLength) return [];
  const count = view.getUint16(start, isLittle);
  const entries: { readonly tag: number; readonly at: number }[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + 2 + index * 12;
    if (at + 12 > view.byteLength) break;
    entries.push({ tag: view.getUint16(at, isLittle), at });
  }
  return entries;
}
