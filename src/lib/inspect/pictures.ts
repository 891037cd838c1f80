import { startsWith, toLatin1 } from '../sniff/bytes.ts';
import type { Inspector } from './file.ts';
import { readGif } from './gif.ts';
import { readHeif } from './heif.ts';
import { readJpeg } from './jpeg.ts';
import { toExcessOf } from './limits.ts';
import type { Picture, PictureReader } from './picture.ts';
import { readPng } from './png.ts';
import { readTiff } from './tiff.ts';
import { readWebp } from './webp.ts';
import { createWindow, type Window } from './window.ts';

/** Tells the size of a picture, its frames, and whether it says where it was taken, without decoding it. */
export const inspectPicture: Inspector = async (file, limits) => {
  const window = createWindow(file);
  const read = await readerFor(window);
  const picture = read && (await read(window, file));
  if (picture === undefined) {
    return { facts: { malformed: 'there is no picture in it' } };
  }
  const { width, height, frames, gps, malformed } = picture;
  const pixels = picture.pixels ?? width * height * frames;
  const exceeded = toExcessOf(limits, { frames, pixels });
  return {
    facts: {
      'picture.width': width,
      'picture.height': height,
      'picture.frames': frames,
      'picture.pixels': pixels,
      gps,
      ...(malformed !== undefined && { malformed }),
    },
    ...(exceeded && { exceeded }),
  };
};

async function readerFor(window: Window): Promise<PictureReader | undefined> {
  const start = await window.upTo(0, 16);
  const magic = toLatin1(start);
  if (magic.startsWith('\xff\xd8')) return readJpeg;
  if (magic.startsWith('\x89PNG')) return readPng;
  if (magic.startsWith('GIF8')) return readGif;
  if (magic.startsWith('RIFF')) return readWebp;
  if (/^(?:II|MM)/.test(magic)) return readTiff;
  if (magic.startsWith('BM')) return readBmp;
  return startsWith(start, 'ftyp', 4) ? readHeif : undefined;
}

async function readBmp(window: Window): Promise<Picture | undefined> {
  const view = await window.view(14, 12);
  if (view === undefined) return undefined;
  // The oldest headers have 16 bits for each side. A negative height is a picture from top to bottom.
  const isOldest = view.getUint32(0, true) === 12;
  const width = isOldest ? view.getUint16(4, true) : Math.abs(view.getInt32(4, true));
  const height = isOldest ? view.getUint16(6, true) : Math.abs(view.getInt32(8, true));
  return { width, height, frames: 1, gps: false };
}
