import { toLatin1 } from '../sniff/bytes.ts';
import { hasGpsInExif, hasGpsInXmp } from './exif.ts';
import { INSPECTION_LIMITS, PIECE_BYTES } from './file.ts';
import type { Picture } from './picture.ts';
import type { Window } from './window.ts';

/** Reads the chunks of a WebP: the canvas, or the size of its one picture, and what comes after them. */
export async function readWebp(window: Window): Promise<Picture | undefined> {
  let size: { readonly width: number; readonly height: number } | undefined;
  let frames = 0;
  let gps = false;
  let at = 12;
  for (let chunks = 0; chunks < INSPECTION_LIMITS.frames * 2; chunks++) {
    const head = await window.view(at, 8);
    if (head === undefined) break;
    const type = toLatin1(new Uint8Array(head.buffer, head.byteOffset, 4));
    const length = head.getUint32(4, true);
    const body = await window.upTo(at + 8, Math.min(length, 16));
    if (type === 'VP8X' && body.length >= 10) {
      size = { width: 1 + toUint24(body, 4), height: 1 + toUint24(body, 7) };
    }
    if (type === 'VP8 ' || type === 'VP8L') {
      size ??= toSize(type, body);
      frames = Math.max(frames, 1);
    }
    if (type === 'ANMF') frames++;
    if (type === 'EXIF' || type === 'XMP ') {
      const data = await window.upTo(at + 8, Math.min(length, PIECE_BYTES));
      // Some writers put the name that a JPEG has before EXIF here, too.
      const exif = toLatin1(data.subarray(0, 4)) === 'Exif' ? data.subarray(6) : data;
      gps ||= type === 'EXIF' ? hasGpsInExif(exif) : hasGpsInXmp(data);
    }
    at += 8 + length + (length % 2);
  }
  return size && { ...size, frames: Math.max(1, frames), gps };
}

function toSize(type: string, body: Uint8Array) {
  if (type === 'VP8 ') {
    if (body.length < 10) return undefined;
    return { width: toUint16(body, 6) & 0x3fff, height: toUint16(body, 8) & 0x3fff };
  }
  if (body.length < 5) return undefined;
  // 14 bits for each side, less one (VP8L, section 3).
  const bits = toUint16(body, 1) + toUint16(body, 3) * 0x10000;
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function toUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100;
}

function toUint24(bytes: Uint8Array, at: number): number {
  return toUint16(bytes, at) + (bytes[at + 2] ?? 0) * 0x10000;
}
