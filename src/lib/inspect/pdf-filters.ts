import { constants, inflateRawSync, inflateSync } from 'node:zlib';
import { decodeLzw } from './pdf-lzw.ts';
import type { PdfDictionary } from './pdf-object.ts';
import { unpredict } from './pdf-predictor.ts';

/** The most that one stream of objects is unpacked to. Writers put some hundred objects into each. */
export const MOST_UNPACKED_BYTES = 32 * 1024 * 1024;

const NAMES: Readonly<Record<string, string>> = {
  Fl: 'FlateDecode',
  LZW: 'LZWDecode',
  AHx: 'ASCIIHexDecode',
  A85: 'ASCII85Decode',
  RL: 'RunLengthDecode',
};

type Decode = (bytes: Buffer) => Buffer;

const DECODERS: Readonly<Record<string, Decode>> = {
  FlateDecode: inflate,
  LZWDecode: (bytes) => decodeLzw(bytes, MOST_UNPACKED_BYTES),
  ASCIIHexDecode: (bytes) => Buffer.from(bytes.toString('latin1').replace(/>.*|[^\da-f]/gis, ''), 'hex'),
  ASCII85Decode: decode85,
  RunLengthDecode: decodeRuns,
};

/**
 * What a stream holds, by the filters that its dictionary names; undefined if one of them is not known, or
 * holds more than there is room for.
 */
export function unpackPdfStream(packed: Buffer, dictionary: PdfDictionary): Buffer | undefined {
  const filter = dictionary.entries.get('Filter') ?? dictionary.entries.get('F');
  const named =
    filter?.is === 'name'
      ? [filter.name]
      : filter?.is === 'array'
        ? (dictionary.arrays.get('Filter') ?? dictionary.arrays.get('F') ?? [])
        : [];
  // The filter is in another object: nearly all streams have this one.
  const names = filter?.is === 'reference' ? ['FlateDecode'] : named;
  let bytes = packed;
  for (const name of names) {
    const decode = DECODERS[NAMES[name] ?? name];
    if (decode === undefined) return undefined;
    bytes = decode(bytes);
    if (bytes.length >= MOST_UNPACKED_BYTES) return undefined;
    if (name.startsWith('Fl') || name.startsWith('LZW')) bytes = unpredict(bytes, dictionary);
  }
  return bytes;
}

/** As much as there is: readers show what comes before damage, too. */
function inflate(bytes: Buffer): Buffer {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_UNPACKED_BYTES };
  try {
    return inflateSync(bytes, options);
  } catch (error) {
    if (isTooLarge(error)) return Buffer.alloc(MOST_UNPACKED_BYTES);
  }
  try {
    return inflateRawSync(bytes.subarray(2), options);
  } catch (error) {
    return Buffer.alloc(isTooLarge(error) ? MOST_UNPACKED_BYTES : 0);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError;
}

function decode85(bytes: Buffer): Buffer {
  const out: number[] = [];
  let group: number[] = [];
  for (const byte of bytes) {
    if (byte === 0x7e) break;
    if (byte === 0x7a && group.length === 0) out.push(0, 0, 0, 0);
    else if (byte >= 0x21 && byte <= 0x75) group.push(byte - 0x21);
    if (group.length === 5) {
      out.push(...toFour(group));
      group = [];
    }
  }
  if (group.length > 1) out.push(...toFour([...group, 84, 84, 84].slice(0, 5)).slice(0, group.length - 1));
  return Buffer.from(out);
}

function toFour(group: readonly number[]): number[] {
  const value = group.reduce((sum, digit) => sum * 85 + digit, 0);
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);
}

function decodeRuns(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length && total < MOST_UNPACKED_BYTES; ) {
    const length = bytes[at++] ?? 128;
    if (length === 128) break;
    const part =
      length < 128 ? bytes.subarray(at, at + length + 1) : Buffer.alloc(257 - length, bytes[at] ?? 0);
    parts.push(part);
    total += part.length;
    at += length < 128 ? length + 1 : 1;
  }
  return Buffer.concat(parts);
}
