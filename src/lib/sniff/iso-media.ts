import { toBrandTypes } from './brands.ts';
import { toLatin1, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

/** A box of an ISO base media file; places are bytes from the start of the object. */
type Box = { readonly type: string; readonly body: number; readonly end: number };

const MP4 = 'video/mp4';
// A file without a brand begins with one of these; before there were brands, every QuickTime film did.
const UNBRANDED = new Set(['moov', 'mdat', 'moof', 'free', 'skip', 'wide', 'pnot']);
const MOVIE = new Set(['moov', 'moof', 'mdat']);
const PICTURE = new Set(['meta', 'mini', 'moov']);
// The boxes that say how to read the samples of a film, or the items of a picture.
const TRACKS = new Set(['moov', 'moof', 'meta', 'mini']);
const BRANDS_MAX_BYTES = 1024;

/**
 * Reads ISO base media files (ISO/IEC 14496-12, 23008-12, QuickTime): MP4, MOV, M4A, 3GP, HEIC, AVIF. Their
 * brands say which, and their boxes have to fit the size of the file. The tail is not read: a film whose
 * tables come last is recognised by its boxes.
 */
export function probeIsoMedia({ prefix, size, isWhole }: Bytes): Signature | undefined {
  const first = readBox(prefix, 0, size);
  if (first === undefined) return undefined;
  const isBranded = first.type === 'ftyp' || first.type === 'styp';
  if (!isBranded && !UNBRANDED.has(first.type)) return undefined;
  const beginsAs = isBranded ? MP4 : 'video/quicktime';
  if (isBranded && (first.end < 16 || first.end > Math.min(BRANDS_MAX_BYTES, prefix.length))) {
    return { beginsAs, flaw: 'its brands are cut off' };
  }
  const types = isBranded ? toBrandTypes(toBrands(prefix, first)) : ['video/quicktime', MP4, 'audio/mp4'];
  const [type] = types;
  if (type === undefined) return { types: [] };
  const boxes = readBoxes(prefix, size);
  const tooLong = boxes.find(({ end }) => end > size);
  if (tooLong !== undefined)
    return { beginsAs: type, flaw: `its ${tooLong.type} box is longer than the file` };
  if (!isBranded && !boxes.some((box) => MOVIE.has(box.type))) return undefined;
  // What follows the prefix is unknown; but if the last box ends in the prefix, nothing follows.
  const needed = type.startsWith('image/') ? PICTURE : MOVIE;
  const last = boxes.at(-1);
  const isOpen = !isWhole && last !== undefined && last.end > prefix.length - 8;
  const isComplete = isWhole
    ? boxes.some((box) => TRACKS.has(box.type) && holdsBoxes(prefix, box))
    : isOpen || boxes.some((box) => needed.has(box.type));
  return isComplete ? { types } : { beginsAs: type, flaw: 'there is no track and no picture in it' };
}

/**
 * The box at a place of the prefix; undefined if there is none. A size of 0 means: to the end of the file.
 */
function readBox(prefix: Uint8Array, at: number, size: number): Box | undefined {
  const header = prefix.subarray(at, at + 16);
  if (header.length < 8) return undefined;
  const view = viewOf(header);
  const type = toLatin1(header.subarray(4, 8));
  const short = view.getUint32(0);
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return undefined;
  if (short === 0) return { type, body: at + 8, end: Math.max(size, at + 8) };
  if (short !== 1) return short < 8 ? undefined : { type, body: at + 8, end: at + short };
  if (header.length < 16) return undefined;
  const long = Number(view.getBigUint64(8));
  return long < 16 ? undefined : { type, body: at + 16, end: at + long };
}

/**
 * The boxes whose headers are in the prefix, up to the first place without a box: cameras put their own notes
 * after the last one.
 */
function readBoxes(prefix: Uint8Array, size: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < prefix.length; at = boxes.at(-1)?.end ?? prefix.length) {
    const box = readBox(prefix, at, size);
    if (box === undefined) break;
    boxes.push(box);
  }
  return boxes;
}

/** False for a box that is empty, or whose first box does not fit into it. */
function holdsBoxes(prefix: Uint8Array, { type, body, end }: Box): boolean {
  if (type === 'mini') return end > body;
  // The box of a picture's items has a version before its boxes; QuickTime's of the same name has none.
  const inner = [body, body + 4].map((at) => readBox(prefix, at, end));
  return type === 'meta' ? end >= body + 4 : inner[0] !== undefined && inner[0].end <= end;
}

function toBrands(prefix: Uint8Array, { body, end }: Box): readonly string[] {
  // The second field is the version of the major brand; a picture without a list of brands names its codec
  // there.
  return toLatin1(prefix.subarray(body, end)).match(/[\s\S]{4}/g) ?? [];
}
