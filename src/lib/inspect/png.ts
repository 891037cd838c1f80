import { inflateSync } from 'node:zlib';
import { startsWith, toLatin1 } from '../sniff/bytes.ts';
import { hasGpsInExif, hasGpsInXmp } from './exif.ts';
import { PIECE_BYTES } from './file.ts';
import type { Picture } from './picture.ts';
import type { Window } from './window.ts';

const XMP = 'XML:com.adobe.xmp\0';
const MOST_TEXT_BYTES = 4 * 1024 * 1024;
// A picture in rows of 8 KiB, as most writers store it, has this many chunks at 8 GiB.
const MOST_CHUNKS = 1_000_000;

/** Reads the chunks of a PNG (ISO/IEC 15948), animated or not; EXIF and XMP may come after its picture. */
export async function readPng(window: Window): Promise<Picture | undefined> {
  let size: { readonly width: number; readonly height: number } | undefined;
  let frames = 1;
  let gps = false;
  let at = 8;
  for (let chunks = 0; chunks < MOST_CHUNKS; chunks++) {
    const head = await window.view(at, 8);
    if (head === undefined) break;
    const length = head.getUint32(0);
    const type = toLatin1(new Uint8Array(head.buffer, head.byteOffset + 4, 4));
    if (type === 'IHDR' && size === undefined) {
      const header = await window.view(at + 8, 8);
      if (header) size = { width: header.getUint32(0), height: header.getUint32(4) };
    }
    if (type === 'acTL') frames = (await window.view(at + 8, 4))?.getUint32(0) ?? frames;
    if (!gps && HOLDERS.has(type)) {
      gps = hasPlace(type, await window.upTo(at + 8, Math.min(length, PIECE_BYTES)));
    }
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return size && { ...size, frames: Math.max(1, frames), gps };
}

const HOLDERS = new Set(['eXIf', 'iTXt', 'tEXt', 'zTXt']);

function hasPlace(type: string, data: Uint8Array): boolean {
  if (type === 'eXIf') return hasGpsInExif(data);
  // ImageMagick writes EXIF as text in hexadecimal digits.
  const raw = /^Raw profile type (?:exif|APP1|xmp)\0/.exec(toLatin1(data.subarray(0, 40)));
  if (raw) {
    const text = type === 'zTXt' ? inflate(data.subarray(raw[0].length + 1)) : data.subarray(raw[0].length);
    return hasPlaceInProfile(text);
  }
  if (!startsWith(data, XMP)) return false;
  const isPacked = type === 'iTXt' && data[XMP.length] === 1;
  if (!isPacked) return hasGpsInXmp(data);
  // Two bytes for the compression, then the language and the translated name, each up to a zero.
  const language = data.indexOf(0, XMP.length + 2);
  const text = data.indexOf(0, language + 1);
  return language !== -1 && text !== -1 && hasGpsInXmp(inflate(data.subarray(text + 1)));
}

function hasPlaceInProfile(text: Uint8Array): boolean {
  const [, digits = ''] = /^\s*[\w ]+\s+\d+\s+([\da-f\s]+)/i.exec(toLatin1(text)) ?? [];
  const bytes = Buffer.from(digits.replace(/\s+/g, ''), 'hex');
  if (startsWith(bytes, 'Exif\0')) return hasGpsInExif(bytes.subarray(6));
  return hasGpsInXmp(bytes);
}

/** As much as there is; nothing if it is damaged. */
function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: MOST_TEXT_BYTES });
  } catch {
    return new Uint8Array();
  }
}
