import { startsWith } from '../sniff/bytes.ts';
import { hasGpsInXmp } from './exif.ts';
import { INSPECTION_LIMITS } from './file.ts';
import type { Picture } from './picture.ts';
import type { Window } from './window.ts';

/** Reads the blocks of a GIF (GIF89a): as many pictures as it has, whatever they say about their number. */
export async function readGif(window: Window): Promise<Picture | undefined> {
  const screen = await window.view(6, 7);
  if (screen === undefined) return undefined;
  const width = screen.getUint16(0, true);
  const height = screen.getUint16(2, true);
  let at = 13 + tableBytes(screen.getUint8(4));
  let frames = 0;
  let gps = false;
  let malformed: string | undefined;
  // A few blocks more than frames: comments and the control of each.
  for (let blocks = 0; blocks < INSPECTION_LIMITS.frames * 8; blocks++) {
    const [kind, label] = await window.upTo(at, 2);
    if (kind === undefined || kind === 0x3b) break;
    if (kind === 0x2c) {
      const flags = (await window.upTo(at + 9, 1))[0] ?? 0;
      frames++;
      at = await afterBlocks(window, at + 11 + tableBytes(flags));
    } else if (kind === 0x21) {
      if (label === 0xff && startsWith(await window.upTo(at + 3, 11), 'XMP DataXMP')) {
        gps ||= hasGpsInXmp(await window.upTo(at + 14, 65_536));
      }
      at = await afterBlocks(window, at + 2);
    } else {
      malformed = `byte ${at} begins no block of a GIF`;
      break;
    }
    if (frames > INSPECTION_LIMITS.frames) break;
  }
  return { width, height, frames, gps, ...(malformed !== undefined && { malformed }) };
}

/** The bytes of the table of colours that a field of flags announces. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** The place after data in blocks of up to 255 bytes, each behind its length. */
async function afterBlocks(window: Window, start: number): Promise<number> {
  let at = start;
  for (;;) {
    const length = (await window.upTo(at, 1))[0];
    if (length === undefined) return window.size;
    at += 1 + length;
    if (length === 0) return at;
  }
}
