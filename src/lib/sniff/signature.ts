import { fileTypeFromBuffer } from 'file-type';
import { type ContentType, normaliseContentType } from '../upload/content-types.ts';
import { startsWith, toLatin1 } from './bytes.ts';
import { isMpegAudio } from './mpeg.ts';
import { isParquet, readParquet } from './parquet.ts';
import type { Source } from './source.ts';
import { isZip, readZip } from './zip.ts';
import type { Flaw } from './zip-end.ts';

/** Names the type of a buffer by its magic bytes. `file-type` in production; a test passes one that hangs. */
export type Detector = (bytes: Uint8Array) => Promise<{ readonly mime: string } | undefined>;

// file-type takes microseconds. A detector that takes this long has met bytes that it cannot cope with.
const PATIENCE_IN_MS = 1_000;

/** What a binary file is: the types that it can be taken for, the narrowest first, or why it is not what it begins as. */
export type Signature =
  | { readonly types: readonly string[] }
  | { readonly beginsAs: string; readonly flaw: string };

/**
 * Says what a binary file is; no types when nothing is recognised. Names of types that Sluice cannot verify do come
 * back: they say what a file that is refused really is.
 * Throws only what `read` throws, and always ends: a detector that throws or hangs has recognised nothing.
 * @param declared the canonical name of the type that was declared: more than the prefix is read only for the types
 *   that need it, and only where the prefix and the declaration agree on them
 */
export const readSignature = async (
  source: Source,
  declared: string,
  detect: Detector = fileTypeFromBuffer,
  patienceInMs: number = PATIENCE_IN_MS,
): Promise<Signature> => {
  const { prefix } = source;
  // file-type looks past a byte order mark and, for gzip, unpacks up to 16 MiB to see whether a tar is inside.
  if (hasByteOrderMark(prefix)) return NOTHING;
  if (isGzip(prefix)) return { types: ['application/gzip'] };
  if (isZip(prefix)) return toSignature('application/zip', await readZip(source, declared));
  if (isParquet(prefix)) {
    return toSignature('application/vnd.apache.parquet', await readParquet(source, declared));
  }
  const mime = await detectPatiently(prefix, detect, patienceInMs);
  if (mime === undefined) return NOTHING;
  const type = normaliseContentType(mime);
  const isReally = STRICTER[type];
  if (isReally !== undefined && !isReally(prefix, prefix.length === source.size)) return NOTHING;
  // file-type skips an ID3 tag and names whatever follows, which is not what a reader of that format would find.
  if (startsWith(prefix, 'ID3') && type !== 'audio/mpeg') return NOTHING;
  return { types: [type, ...(ALSO[type] ?? []), ...toBrandTypes(type, prefix)] };
};

const NOTHING: Signature = { types: [] };

const toSignature = (beginsAs: string, found: readonly string[] | Flaw): Signature =>
  'flaw' in found ? { beginsAs, ...found } : { types: found };

const detectPatiently = async (
  prefix: Uint8Array,
  detect: Detector,
  patienceInMs: number,
): Promise<string | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceInMs, undefined);
  });
  try {
    return (await Promise.race([detect(prefix), giveUp]))?.mime;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
};

/** What else a file of a type truly is. A container's first bytes do not say whether it holds sound or film. */
const ALSO: Readonly<Record<string, readonly ContentType[]>> = {
  'image/apng': ['image/png'],
  'image/heic': ['image/heif'],
  'video/mp4': ['audio/mp4'],
  'video/webm': ['audio/webm'],
  'audio/ogg': ['video/ogg'],
  'video/ogg': ['audio/ogg'],
  'application/ogg': ['audio/ogg', 'video/ogg'],
};

/** Where file-type is content with two or three bytes, what the format itself demands. */
const STRICTER: Readonly<Record<string, (prefix: Uint8Array, isWhole: boolean) => boolean>> = {
  'image/jpeg': ([, , , marker = 0]) => marker >= 0xc0 && marker !== 0xff,
  'image/gif': (prefix) =>
    (startsWith(prefix, 'GIF87a') || startsWith(prefix, 'GIF89a')) && prefix.length >= 13,
  'image/webp': (prefix) => startsWith(prefix.subarray(12), 'VP8'),
  'audio/flac': ([, , , , block = 0xff, , , length]) => (block & 0x7f) === 0 && length === 34,
  'audio/mpeg': isMpegAudio,
  'video/quicktime': (prefix) => startsWith(prefix.subarray(4), 'ftyp') || hasBoxLength(prefix),
  'application/pdf': (prefix) => /^%PDF-\d\.\d/.test(toLatin1(prefix.subarray(0, 8))),
  'application/x-bzip2': ([, , , level = 0]) => level >= 0x31 && level <= 0x39,
};

/** An ISO base media file names in its `ftyp` box every format that it also conforms to: HEIF is HEIC or AVIF there. */
const toBrandTypes = (type: string, prefix: Uint8Array): readonly ContentType[] => {
  if (type !== 'image/heif') return [];
  const boxLength = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
  const brands: readonly string[] =
    toLatin1(prefix.subarray(16, Math.min(boxLength, 256))).match(/.{4}/gs) ?? [];
  return [
    ...(brands.some((brand) => brand === 'heic' || brand === 'heix') ? (['image/heic'] as const) : []),
    ...(brands.includes('avif') ? (['image/avif'] as const) : []),
  ];
};

const hasBoxLength = (prefix: Uint8Array): boolean => {
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
  // 0: to the end of the file, 1: a 64-bit length follows.
  return length <= 1 || length >= 8;
};

const hasByteOrderMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;

/** RFC 1952: the magic, deflate as the only method there is, and no reserved flag. */
const isGzip = ([a, b, method, flags = 0xff]: Uint8Array): boolean =>
  a === 0x1f && b === 0x8b && method === 8 && (flags & 0xe0) === 0;
