import { viewOf } from '../sniff/bytes.ts';
import { createFields, type Fields } from './seven-zip-fields.ts';
import { Unreadable } from './tally.ts';

/** A file of an archive, as its header has it. */
export type SevenZipFile = {
  readonly name: string;
  readonly hasContent: boolean;
  /** the file's mode, where the writer is a Unix; otherwise 0 */
  readonly mode: number;
};

const END = 0;
const EMPTY = 0x0e;
const NAMES = 0x11;
const ATTRIBUTES = 0x15;
const HAS_MODE = 0x8000;

/** Reads all files. Calls `onFile` for each before it takes memory for it. */
export function parseFiles(fields: Fields, onFile: () => void): readonly SevenZipFile[] {
  const count = fields.number();
  for (let index = 0; index < count; index++) onFile();
  let names: readonly string[] = [];
  let isEmpty: readonly boolean[] = [];
  let modes: readonly number[] = [];
  for (let id = fields.number(); id !== END; id = fields.number()) {
    const inner = createFields(fields.bytes(fields.number()));
    if (id === EMPTY) isEmpty = inner.flags(count);
    else if (id === NAMES) names = parseNames(inner, count);
    else if (id === ATTRIBUTES) modes = parseModes(inner, count);
  }
  return Array.from({ length: count }, (_, index) => ({
    name: names[index] ?? '',
    hasContent: isEmpty[index] !== true,
    mode: modes[index] ?? 0,
  }));
}

function parseNames(fields: Fields, count: number): readonly string[] {
  if (fields.byte() !== 0) throw new Unreadable('has a header of a kind that is not read');
  return Array.from({ length: count }, () => {
    const units: Uint8Array[] = [];
    for (let unit = fields.bytes(2); viewOf(unit).getUint16(0) !== 0; unit = fields.bytes(2))
      units.push(unit);
    return Buffer.concat(units).toString('utf16le');
  });
}

function parseModes(fields: Fields, count: number): readonly number[] {
  const defined = fields.someFlags(count);
  if (fields.byte() !== 0) throw new Unreadable('has a header of a kind that is not read');
  return defined.map((isDefined) => {
    const attributes = isDefined ? viewOf(fields.bytes(4)).getUint32(0, true) : 0;
    return (attributes & HAS_MODE) === 0 ? 0 : attributes >>> 16;
  });
}
