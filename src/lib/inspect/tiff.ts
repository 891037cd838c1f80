import { hasGpsInXmp } from './exif.ts';
import { INSPECTION_LIMITS, PIECE_BYTES } from './file.ts';
import type { Picture } from './picture.ts';
import type { Window } from './window.ts';

const TAG = { width: 256, height: 257, xmp: 700, gps: 34853 } as const;
const MOST_ENTRIES = 4096;

type Directory = ReadonlyMap<number, { readonly value: number; readonly count: number }>;

/**
 * Reads the directories of a TIFF or BigTIFF: one for each page. Those of a circle are read once. The size is
 * that of the first page, the pixels are those of all.
 */
export async function readTiff(window: Window): Promise<Picture | undefined> {
  const head = await window.view(0, 16);
  if (head === undefined) return undefined;
  const isLittle = head.getUint8(0) === 0x49;
  const isBig = head.getUint16(2, isLittle) === 43;
  const seen = new Set<number>();
  let first: { readonly width: number; readonly height: number } | undefined;
  let pixels = 0;
  let gps = false;
  let at = isBig ? Number(head.getBigUint64(8, isLittle)) : head.getUint32(4, isLittle);
  while (at > 0 && !seen.has(at) && seen.size <= INSPECTION_LIMITS.frames) {
    const read = await readDirectory(window, at, isLittle, isBig);
    if (read === undefined) break;
    seen.add(at);
    const width = read.tags.get(TAG.width)?.value ?? 0;
    const height = read.tags.get(TAG.height)?.value ?? 0;
    first ??= { width, height };
    pixels += width * height;
    gps ||= await hasPlace(window, read.tags, isLittle, isBig);
    at = read.next;
  }
  return first && { ...first, frames: seen.size, pixels, gps };
}

async function readDirectory(window: Window, at: number, isLittle: boolean, isBig: boolean) {
  const head = await window.view(at, isBig ? 8 : 2);
  if (head === undefined) return undefined;
  const count = isBig ? Number(head.getBigUint64(0, isLittle)) : head.getUint16(0, isLittle);
  const [start, bytes] = isBig ? [at + 8, 20] : [at + 2, 12];
  if (count === 0 || count > MOST_ENTRIES) return undefined;
  const view = await window.view(start, count * bytes);
  if (view === undefined) return undefined;
  const tags = new Map<number, { readonly value: number; readonly count: number }>();
  for (let entry = 0; entry < count * bytes; entry += bytes) {
    const isShort = view.getUint16(entry + 2, isLittle) === 3;
    const place = entry + (isBig ? 12 : 8);
    const length = isBig
      ? Number(view.getBigUint64(entry + 4, isLittle))
      : view.getUint32(entry + 4, isLittle);
    const value = isShort
      ? view.getUint16(place, isLittle)
      : isBig
        ? Number(view.getBigUint64(place, isLittle))
        : view.getUint32(place, isLittle);
    tags.set(view.getUint16(entry, isLittle), { value, count: length });
  }
  const after = await window.view(start + count * bytes, isBig ? 8 : 4);
  const next = after && (isBig ? Number(after.getBigUint64(0, isLittle)) : after.getUint32(0, isLittle));
  return { tags, next: next ?? 0 };
}

async function hasPlace(window: Window, tags: Directory, isLittle: boolean, isBig: boolean) {
  const place = tags.get(TAG.gps);
  const directory = place && (await readDirectory(window, place.value, isLittle, isBig));
  // Latitude and longitude.
  if (directory?.tags.has(2) || directory?.tags.has(4)) return true;
  const xmp = tags.get(TAG.xmp);
  return xmp !== undefined && hasGpsInXmp(await window.upTo(xmp.value, Math.min(xmp.count, PIECE_BYTES)));
}
