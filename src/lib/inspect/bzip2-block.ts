import type { Bits } from './bzip2-bits.ts';
import { Damage } from './reader.ts';
import { Unreadable } from './tally.ts';

/** A block in its table: each number has a byte and, above it, the place of the next. */
export type Block = { readonly start: number; readonly length: number };

const GROUP_SYMBOLS = 50;
const CODE_MAX_BITS = 20;
const RUN_B = 1;

/** Reads one block, after its mark, into a table that is as long as blocks of its level may be. */
export function readBlock(bits: Bits, table: Uint32Array): Block {
  bits.read(32); // its checksum: what is unpacked is looked at, and kept by nobody
  if (bits.read(1) === 1) throw new Unreadable('is packed by a bzip2 of before 1997');
  const origin = bits.read(24);
  const bytes = readUsedBytes(bits);
  const symbols = bytes.length + 2;
  const tables = range(bits.read(3));
  if (tables.length < 2 || tables.length > 6) throw new Damage('does not unpack');
  const selectors = readSelectors(bits, tables.length);
  const codes = tables.map(() => readCode(bits, symbols));
  const counts = new Uint32Array(256);
  const length = readSymbols(bits, { bytes, selectors, codes }, table, counts);
  if (origin >= length) throw new Damage('does not unpack');
  return { start: link(table, length, counts, origin), length };
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}

function readUsedBytes(bits: Bits): Uint8Array {
  const rows = bits.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >>> row)) === 0) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++) {
      if ((columns & (0x8000 >>> column)) !== 0) used.push(row * 16 + column);
    }
  }
  if (used.length === 0) throw new Damage('does not unpack');
  return Uint8Array.from(used);
}

/** Which of the codes each group of symbols has, the last used first. */
function readSelectors(bits: Bits, tables: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw new Damage('does not unpack');
  const recent = [...range(tables)];
  return Uint8Array.from({ length: count }, () => {
    let place = 0;
    while (bits.read(1) === 1) {
      place++;
      if (place >= tables) throw new Damage('does not unpack');
    }
    const [selector = 0] = recent.splice(place, 1);
    recent.unshift(selector);
    return selector;
  });
}

/**
 * A canonical code: of each length the largest number, followed by ones; what to subtract from a number; and
 * the symbols in order.
 */
type Code = {
  readonly shortest: number;
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
};

function readCode(bits: Bits, symbols: number): Code {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > CODE_MAX_BITS) throw new Damage('does not unpack');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 1 ? -1 : 1;
    }
    lengths[symbol] = length;
  }
  const limits = new Int32Array(CODE_MAX_BITS + 2);
  // Nothing is beyond it, so that every search ends.
  limits[CODE_MAX_BITS + 1] = 2 ** CODE_MAX_BITS;
  const bases = new Int32Array(CODE_MAX_BITS + 2);
  const order: number[] = [];
  let code = 0;
  for (let bitCount = 1; bitCount <= CODE_MAX_BITS; bitCount++) {
    bases[bitCount] = code - order.length;
    for (let symbol = 0; symbol < symbols; symbol++) {
      if (lengths[symbol] !== bitCount) continue;
      order.push(symbol);
      code++;
    }
    limits[bitCount] = code * 2 ** (CODE_MAX_BITS - bitCount) - 1;
    code *= 2;
  }
  return { shortest: Math.min(...lengths), limits, bases, symbols: Uint16Array.from(order) };
}

function readSymbol(bits: Bits, { shortest, limits, bases, symbols }: Code): number {
  const window = bits.peek(CODE_MAX_BITS);
  let length = shortest;
  while (window > (limits[length] as number)) length++;
  if (length > CODE_MAX_BITS) throw new Damage('does not unpack');
  bits.drop(length);
  const symbol = symbols[(window >>> (CODE_MAX_BITS - length)) - (bases[length] as number)];
  if (symbol === undefined) throw new Damage('does not unpack');
  return symbol;
}

type Coding = {
  readonly bytes: Uint8Array;
  readonly selectors: Uint8Array;
  readonly codes: readonly Code[];
};

/** Undoes the codes, the runs, and the moves to the front; returns how many bytes there are. */
function readSymbols(
  bits: Bits,
  { bytes, selectors, codes }: Coding,
  table: Uint32Array,
  counts: Uint32Array,
): number {
  const recent = bytes;
  const end = bytes.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let taken = 0; ; taken++) {
    const code = codes[selectors[Math.floor(taken / GROUP_SYMBOLS)] ?? codes.length];
    if (code === undefined) throw new Damage('does not unpack');
    const symbol = readSymbol(bits, code);
    if (symbol <= RUN_B) {
      run += weight * (symbol + 1);
      weight *= 2;
      if (run > table.length) throw new Damage('does not unpack');
      continue;
    }
    if (run > 0) {
      const byte = recent[0] as number;
      if (length + run > table.length) throw new Damage('does not unpack');
      table.fill(byte, length, length + run);
      counts[byte] = (counts[byte] as number) + run;
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) return length;
    const place = symbol - 1;
    const byte = recent[place] as number;
    recent.copyWithin(1, 0, place);
    recent[0] = byte;
    if (length >= table.length) throw new Damage('does not unpack');
    table[length] = byte;
    counts[byte] = (counts[byte] as number) + 1;
    length++;
  }
}

/** Undoes the sorting (Burrows and Wheeler): links each byte to the one that follows it. */
function link(table: Uint32Array, length: number, counts: Uint32Array, origin: number): number {
  const places = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) {
    places[byte] = (places[byte - 1] as number) + (counts[byte - 1] as number);
  }
  for (let index = 0; index < length; index++) {
    const byte = (table[index] as number) & 0xff;
    const place = places[byte] as number;
    places[byte] = place + 1;
    table[place] = (table[place] as number) | (index << 8);
  }
  return (table[origin] as number) >>> 8;
}
