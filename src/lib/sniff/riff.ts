import { startsWith, toLatin1, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

const WAV = 'audio/wav';
// A file that was written before its length was known has no length, or the greatest possible.
const UNKNOWN_FROM = 0x7fff0000;

/**
 * Reads RIFF files: WAV, its 64-bit kinds RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), WebP and AVI. Their
 * chunks have to fit the size of the file.
 */
export function probeRiff({ prefix, size }: Bytes): Signature | undefined {
  if (prefix.length < 20) return undefined;
  const [form, kind] = [toLatin1(prefix.subarray(0, 4)), toLatin1(prefix.subarray(8, 12))];
  const is64 = form === 'RF64' || form === 'BW64';
  if (form !== 'RIFF' && !is64) return undefined;
  const type = toType(kind, is64);
  if (type === undefined) return undefined;
  const said = viewOf(prefix).getUint32(4, true);
  const isUnknown = said === 0 || said >= UNKNOWN_FROM;
  // Some writers count the first eight bytes, some leave out the last byte of padding.
  if (type === WAV ? !isUnknown && said > size + 8 : said + 8 > size + 1) {
    return { beginsAs: type, flaw: 'it is longer than the file' };
  }
  return HOLDS[type](prefix, size) ? { types: [type] } : { beginsAs: type, flaw: MISSING[type] };
}

type RiffType = typeof WAV | 'image/webp' | 'video/x-msvideo';

function toType(kind: string, is64: boolean): RiffType | undefined {
  if (kind === 'WAVE') return WAV;
  if (is64) return undefined;
  return kind === 'WEBP' ? 'image/webp' : kind === 'AVI ' ? 'video/x-msvideo' : undefined;
}

const MISSING: Readonly<Record<RiffType, string>> = {
  [WAV]: 'it does not say how its sound is to be read',
  'image/webp': 'there is no picture in it',
  'video/x-msvideo': 'there is no track in it',
};

const HOLDS: Readonly<Record<RiffType, (prefix: Uint8Array, size: number) => boolean>> = {
  [WAV]: (prefix, size) => {
    const view = viewOf(prefix);
    for (let at = 12; at + 8 <= prefix.length; ) {
      if (startsWith(prefix, 'fmt ', at)) return view.getUint32(at + 4, true) >= 14;
      if (startsWith(prefix, 'data', at)) return false;
      const length = view.getUint32(at + 4, true);
      at += 8 + length + (length % 2);
      if (at > size) return false;
    }
    // A note longer than the prefix stands first, such as the description of a broadcast.
    return size > prefix.length;
  },
  'image/webp': (prefix, size) =>
    /^VP8[ LX]$/.test(toLatin1(prefix.subarray(12, 16))) &&
    20 + viewOf(prefix).getUint32(16, true) <= size + 1,
  'video/x-msvideo': (prefix, size) =>
    startsWith(prefix, 'LIST', 12) &&
    startsWith(prefix, 'hdrlavih', 20) &&
    20 + viewOf(prefix).getUint32(16, true) <= size,
};
