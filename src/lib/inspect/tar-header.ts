import { toLatin1, viewOf } from '../sniff/bytes.ts';
import { Damage } from './reader.ts';

export const BLOCK_BYTES = 512;

/** One header of a tar archive. */
export type TarHeader = {
  readonly name: string;
  readonly linkName: string;
  /** bytes that follow */
  readonly size: number;
  /** `0` file, `5` folder, `1` and `2` links, `x` and `g` attributes, `L` and `K` long names, `S` sparse */
  readonly type: string;
  /** of an old sparse file: bytes once it is unpacked, and whether more of its map follows */
  readonly sparse?: { readonly size: number; readonly isContinued: boolean };
};

/** Reads a header; undefined for one of zeros alone, which marks the end. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!isSumRight(block)) throw new Damage('has something else than a header between its files');
  const type = String.fromCharCode(block[156] ?? 0).replace('\0', '0');
  const isPosix = toLatin1(block.subarray(257, 263)) === 'ustar\0';
  const prefix = isPosix ? toText(block.subarray(345, 500)) : '';
  const name = toText(block.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: toText(block.subarray(157, 257)),
    size: toNumber(block.subarray(124, 136)),
    type,
    ...(type === 'S' && {
      sparse: { size: toNumber(block.subarray(483, 495)), isContinued: block[482] !== 0 },
    }),
  };
}

/** Text up to the first zero; UTF-8, whatever it is really. */
export function toText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString();
}

/** Digits of base 8 or, where the first bit is set, a number of base 256. */
function toNumber(field: Uint8Array): number {
  const [first = 0] = field;
  if ((first & 0x80) !== 0) {
    // Sizes below zero are no sizes.
    if ((first & 0x40) !== 0) throw new Damage('has a file of no possible size');
    return check(field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x3f));
  }
  const digits = /^[ \0]*([0-7]*)/.exec(toLatin1(field))?.[1] ?? '';
  return digits === '' ? 0 : check(Number.parseInt(digits, 8));
}

function check(size: number): number {
  if (!Number.isSafeInteger(size)) throw new Damage('has a file of no possible size');
  return size;
}

function isSumRight(block: Uint8Array): boolean {
  if (viewOf(block).byteLength < BLOCK_BYTES) throw new Damage('is cut off');
  let unsigned = 0;
  let signed = 0;
  block.forEach((byte, at) => {
    const value = at >= 148 && at < 156 ? 0x20 : byte;
    unsigned += value;
    signed += value > 0x7f ? value - 0x100 : value;
  });
  const said = toNumber(block.subarray(148, 156));
  return said === unsigned || said === signed;
}

/** The attributes of a pax header: `27 path=a/long/name\n`, one after the other. */
export function parsePax(bytes: Uint8Array): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = Object.create(null);
  let at = 0;
  while (at < bytes.length) {
    const digits = /^(\d{1,10}) /.exec(toLatin1(bytes.subarray(at, at + 11)))?.[1];
    if (digits === undefined) break;
    const length = Number(digits);
    const record = Buffer.from(bytes.subarray(at + digits.length + 1, at + length)).toString();
    const equals = record.indexOf('=');
    if (length <= digits.length + 1 || equals === -1) break;
    attributes[record.slice(0, equals)] = record.slice(equals + 1).replace(/\n$/, '');
    at += length;
  }
  return attributes;
}

/** A number of a pax header; undefined if it is none. */
export function toPaxNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
