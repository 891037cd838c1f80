import { startsWith, toLatin1, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

const NO_PICTURE = 'there is no picture in it';

/**
 * Reads a JPEG (ITU-T T.81, annex B) as decoders do: by its segments, skipping what is between them. It need
 * not have its end: cameras and cut transfers leave it out, and every viewer shows what there is.
 */
export function probeJpeg({ prefix, size, isWhole }: Bytes): Signature | undefined {
  const [first, second, third] = prefix;
  if (first !== 0xff || second !== 0xd8 || third !== 0xff) return undefined;
  const beginsAs = 'image/jpeg';
  const view = viewOf(prefix);
  let segments = 0;
  let hasFrame = false;
  for (let at = 2; at + 4 <= prefix.length; ) {
    const marker = prefix[at + 1] ?? 0;
    if (prefix[at] !== 0xff || marker === 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd8)) {
      // Apart from fill bytes, a segment has to follow the first two bytes at once: many files begin with
      // such a pair.
      if (segments === 0 && !(prefix[at] === 0xff && marker === 0xff)) return undefined;
      at++;
      continue;
    }
    if (marker < 0xc0 && segments === 0) return undefined;
    if (marker === 0xd9) break;
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > size) break;
    segments++;
    hasFrame ||= marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (marker === 0xda) break;
    at += 2 + length;
  }
  if (segments === 0 || (isWhole && !hasFrame)) return { beginsAs, flaw: NO_PICTURE };
  return { types: [beginsAs] };
}

/** Reads a PNG (ISO/IEC 15948) up to its picture; an animated one is PNG too. */
export function probePng({ prefix, size, isWhole }: Bytes): Signature | undefined {
  if (!startsWith(prefix, '\x89PNG\r\n\x1a\n')) return undefined;
  const beginsAs = 'image/png';
  const view = viewOf(prefix);
  const chunks: string[] = [];
  for (let at = 8; at + 8 <= prefix.length; ) {
    const type = toLatin1(prefix.subarray(at + 4, at + 8));
    if (type === 'IDAT') {
      chunks.push(type);
      break;
    }
    const end = at + 12 + view.getUint32(at);
    if (end > size) return { beginsAs, flaw: `its ${JSON.stringify(type)} chunk is longer than the file` };
    chunks.push(type);
    at = end;
  }
  // Apple's tools put a chunk of their own before the header.
  const header = chunks[0] === 'CgBI' ? 1 : 0;
  const at = header === 0 ? 8 : 24;
  const isPicture =
    chunks[header] === 'IHDR' &&
    prefix.length >= at + 20 &&
    view.getUint32(at) === 13 &&
    view.getUint32(at + 8) > 0 &&
    view.getUint32(at + 12) > 0;
  if (!isPicture || (isWhole && !chunks.includes('IDAT'))) return { beginsAs, flaw: NO_PICTURE };
  return { types: chunks.includes('acTL') ? ['image/apng', beginsAs] : [beginsAs] };
}

/** Reads a GIF's header and screen (GIF89a, sections 17 and 18). */
export function probeGif({ prefix }: Bytes): Signature | undefined {
  if (!startsWith(prefix, 'GIF87a') && !startsWith(prefix, 'GIF89a')) return undefined;
  return prefix.length >= 14 ? { types: ['image/gif'] } : { beginsAs: 'image/gif', flaw: NO_PICTURE };
}

/** Reads a TIFF, or a BigTIFF, up to its first directory, which may be anywhere in the file. */
export function probeTiff({ prefix, size }: Bytes): Signature | undefined {
  const magic = toLatin1(prefix.subarray(0, 4));
  const isLittle = magic === 'II*\0' || magic === 'II+\0';
  const isBig = magic === 'II+\0' || magic === 'MM\0+';
  if ((!isLittle && magic !== 'MM\0*' && magic !== 'MM\0+') || prefix.length < 16) return undefined;
  const view = viewOf(prefix);
  const at = isBig ? Number(view.getBigUint64(8, isLittle)) : view.getUint32(4, isLittle);
  const isKnown = at + 2 <= prefix.length;
  if (at < 8 || at + 2 > size || (isKnown && view.getUint16(at, isLittle) === 0 && !isBig)) {
    return { beginsAs: 'image/tiff', flaw: NO_PICTURE };
  }
  // Raw pictures of cameras are built like TIFF, and no viewer of TIFF shows them as they are.
  return startsWith(prefix, 'CR', 8) ? { types: ['image/x-canon-cr2'] } : { types: ['image/tiff'] };
}

const BMP_HEADERS = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** Reads a bitmap of Windows or OS/2: its two letters prove too little, so its header has to be right. */
export function probeBmp({ prefix, size }: Bytes): Signature | undefined {
  if (!startsWith(prefix, 'BM') || prefix.length < 30) return undefined;
  const view = viewOf(prefix);
  const header = view.getUint32(14, true);
  const pixels = view.getUint32(10, true);
  const planes = view.getUint16(header === 12 ? 22 : 26, true);
  const isBitmap = BMP_HEADERS.has(header) && planes === 1 && pixels >= 14 + header && pixels < size;
  return isBitmap ? { types: ['image/bmp'] } : undefined;
}
