import { startsWith } from '../sniff/bytes.ts';
import { hasGpsInExif, hasGpsInXmp } from './exif.ts';
import type { Picture } from './picture.ts';
import type { Window } from './window.ts';

const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const XMP_MORE = 'http://ns.adobe.com/xmp/extension/\0';
// Real files have a few dozen segments before their picture.
const MOST_SEGMENTS = 4096;

/** Reads the segments of a JPEG (ITU-T T.81, annex B) up to its picture. */
export async function readJpeg(window: Window): Promise<Picture | undefined> {
  let size: { readonly width: number; readonly height: number } | undefined;
  let gps = false;
  let at = 2;
  for (let segments = 0; segments < MOST_SEGMENTS; ) {
    const head = await window.view(at, 4);
    if (head === undefined) break;
    const marker = head.getUint8(1);
    if (head.getUint8(0) !== 0xff || marker === 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd8)) {
      // Decoders pass over what is between segments.
      at++;
      if (at > 1024 * 1024 && segments === 0) break;
      continue;
    }
    if (marker === 0xd9) break;
    const length = head.getUint16(2);
    if (length < 2) break;
    segments++;
    if (marker === 0xe1) gps ||= hasPlace(await window.upTo(at + 4, length - 2));
    if (isFrame(marker)) {
      const frame = await window.view(at + 4, 5);
      if (frame) size = { height: frame.getUint16(1), width: frame.getUint16(3) };
    }
    if (marker === 0xda) break;
    at += 2 + length;
  }
  return size && { ...size, frames: 1, gps };
}

/** The markers of frames; three in their midst are of tables. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function hasPlace(segment: Uint8Array): boolean {
  if (startsWith(segment, 'Exif\0')) return hasGpsInExif(segment.subarray(6));
  return (startsWith(segment, XMP) || startsWith(segment, XMP_MORE)) && hasGpsInXmp(segment);
}
