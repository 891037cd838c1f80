import { toLatin1, viewOf } from '../sniff/bytes.ts';
import { hasGpsInExif, hasGpsInXmp } from './exif.ts';
import { type InspectedFile, PIECE_BYTES } from './file.ts';
import type { Picture } from './picture.ts';
import type { Window } from './window.ts';

type Box = { readonly type: string; readonly body: number; readonly end: number };

/**
 * Reads the boxes of HEIC, HEIF and AVIF (ISO/IEC 23008-12): the largest picture that its properties name,
 * the samples of a sequence, and the place in its EXIF or XMP.
 */
export async function readHeif(window: Window, file: InspectedFile): Promise<Picture | undefined> {
  let width = 0;
  let height = 0;
  let frames = 1;
  let gps = false;
  for (const box of await boxesOf(window, 0, file.size)) {
    if (box.type === 'meta' && box.end - box.body <= PIECE_BYTES) {
      const meta = await window.upTo(box.body, box.end - box.body);
      for (const place of placesOf(meta, 'ispe')) {
        // Tiles of a grid have sizes, too: the picture is the largest.
        const view = viewOf(meta.subarray(place));
        if (view.byteLength < 12) continue;
        if (view.getUint32(4) * view.getUint32(8) > width * height) {
          width = view.getUint32(4);
          height = view.getUint32(8);
        }
      }
      if (placesOf(meta, 'Exif').length > 0 || placesOf(meta, 'mime').length > 0) {
        gps = await hasPlace(window, file.size);
      }
    }
    if (box.type === 'moov' && box.end - box.body <= PIECE_BYTES) {
      const moov = await window.upTo(box.body, box.end - box.body);
      for (const place of placesOf(moov, 'stsz')) {
        const view = viewOf(moov.subarray(place));
        if (view.byteLength >= 12) frames = Math.max(frames, view.getUint32(8));
      }
    }
  }
  return width === 0 ? undefined : { width, height, frames, gps };
}

async function boxesOf(window: Window, start: number, end: number): Promise<readonly Box[]> {
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end && boxes.length < 1024; at = boxes.at(-1)?.end ?? end) {
    const head = await window.view(at, Math.min(16, end - at));
    if (head === undefined || head.byteLength < 8) break;
    const short = head.getUint32(0);
    if (short === 1 && head.byteLength < 16) break;
    const length = short === 1 ? Number(head.getBigUint64(8)) : short === 0 ? end - at : short;
    if (length < 8) break;
    const type = toLatin1(new Uint8Array(head.buffer, head.byteOffset + 4, 4));
    boxes.push({ type, body: at + (short === 1 ? 16 : 8), end: Math.min(end, at + length) });
  }
  return boxes;
}

/** Where the bodies of boxes of a type begin, at any depth. */
function placesOf(bytes: Uint8Array, type: string): readonly number[] {
  const places: number[] = [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = text.indexOf(type, 0, 'latin1'); at !== -1; at = text.indexOf(type, at + 4, 'latin1')) {
    places.push(at + 4);
  }
  return places;
}

/**
 * EXIF and XMP lie among the data, at places that four kinds of tables give. Their beginnings are easier to
 * find, and are looked for in the first and the last piece, where every known writer puts them.
 */
async function hasPlace(window: Window, size: number): Promise<boolean> {
  for (const start of new Set([0, Math.max(0, size - PIECE_BYTES)])) {
    const bytes = await window.upTo(start, Math.min(size, PIECE_BYTES));
    if (hasGpsInXmp(bytes)) return true;
    for (const place of [...placesOf(bytes, 'II*\0'), ...placesOf(bytes, 'MM\0*')].slice(0, 64)) {
      if (hasGpsInExif(bytes.subarray(place - 4))) return true;
    }
  }
  return false;
}
