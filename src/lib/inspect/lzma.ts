import { Damage } from './reader.ts';
import { type Budget, Unreadable } from './tally.ts';

/** What a stream's five bytes of properties say. */
export type LzmaProperties = { readonly lc: number; readonly lp: number; readonly pb: number };

/** Splits the one byte that holds all three. */
export function toLzmaProperties(byte: number): LzmaProperties {
  if (byte >= 9 * 5 * 5) throw new Damage('does not unpack');
  return { lc: byte % 9, lp: Math.floor(byte / 9) % 5, pb: Math.floor(byte / 45) };
}

/** A decoder that keeps its place between pieces. */
export type Lzma = {
  /** Begins with new probabilities; the dictionary stays. */
  readonly reset: (properties: LzmaProperties) => void;
  /** Forgets what was unpacked. */
  readonly forget: () => void;
  /** Begins to read at the five bytes that each run of packed data begins with. */
  readonly start: (packed: Uint8Array) => void;
  /** Gives the packed bytes that follow; those that were not read have to be given again. */
  readonly give: (packed: Uint8Array) => void;
  /** bytes of the last given that were read */
  readonly used: () => number;
  /**
   * Unpacks at most so many bytes, and stops early where fewer than `spare` packed bytes are left. Returns
   * the unpacked ones, which are overwritten later; undefined behind the stream's own end.
   */
  readonly unpack: (most: number, spare: number) => Uint8Array | undefined;
  /** Takes bytes as they are into the dictionary. */
  readonly copy: (bytes: Uint8Array) => void;
  readonly close: () => void;
};

/** No symbol takes more packed bytes than this. */
export const SYMBOL_MAX_BYTES = 24;

const FIRST_BYTES = 1024 ** 2;
const HALF = 1024;

/** Creates a decoder of LZMA (7-Zip's lzma.txt), whose dictionary grows as it is used, within the budget. */
export function createLzma(dictionaryBytes: number, windows: Budget): Lzma {
  const most = Math.max(dictionaryBytes, 4096);
  let dictionary = new Uint8Array(0);
  let place = 0;
  /** bytes that may be referred to */
  let known = 0;
  let packed: Uint8Array = new Uint8Array();
  let at = 0;
  let interval = 0;
  let code = 0;
  let state = 0;
  // How far back the last four matches were, the last one first.
  let rep0 = 0;
  let rep1 = 0;
  let rep2 = 0;
  let rep3 = 0;
  let lc = 0;
  let literalMask = 0;
  let positionMask = 0;
  let total = 0;
  /** what of a match did not fit into the last piece */
  let copying = 0;
  let isOver = false;

  // Probabilities: literals, then everything else in one table.
  let literals = new Uint16Array();
  const choices = new Uint16Array(TABLE_LENGTH);

  function lend(length: number): void {
    if (!windows.lend(length - dictionary.length)) throw new Unreadable(`needs ${most} bytes of memory`);
    const longer = new Uint8Array(length);
    longer.set(dictionary);
    dictionary = longer;
  }

  /** Room at the place, which goes round once the dictionary has its full length. */
  function makeRoom(): number {
    if (place === dictionary.length) {
      if (dictionary.length < most) lend(Math.min(most, Math.max(FIRST_BYTES, dictionary.length * 2)));
      else place = 0;
    }
    return dictionary.length - place;
  }

  function bit(table: Uint16Array, index: number): number {
    const chance = table[index] as number;
    const bound = (interval >>> 11) * chance;
    let value = 0;
    if (code < bound) {
      interval = bound;
      table[index] = chance + ((2048 - chance) >>> 5);
    } else {
      interval -= bound;
      code -= bound;
      table[index] = chance - (chance >>> 5);
      value = 1;
    }
    if (interval < 0x1000000) shift();
    return value;
  }

  function shift(): void {
    if (at >= packed.length) throw new Damage('is cut off');
    interval = (interval << 8) >>> 0;
    code = ((code << 8) | (packed[at] as number)) >>> 0;
    at++;
  }

  function tree(table: Uint16Array, start: number, bits: number): number {
    let node = 1;
    for (let left = bits; left > 0; left--) node = (node << 1) | bit(table, start + node);
    return node - (1 << bits);
  }

  function reverseTree(table: Uint16Array, start: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const one = bit(table, start + node);
      node = (node << 1) | one;
      value |= one << index;
    }
    return value;
  }

  function direct(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) {
      interval >>>= 1;
      const one = code >= interval ? 1 : 0;
      if (one === 1) code -= interval;
      value = ((value << 1) | one) >>> 0;
      if (interval < 0x1000000) shift();
    }
    return value;
  }

  function literal(): void {
    const before = known === 0 ? 0 : (dictionary[place === 0 ? dictionary.length - 1 : place - 1] as number);
    const start = 0x300 * (((total & literalMask) << lc) + (before >>> (8 - lc)));
    let symbol = 1;
    if (state >= 7) {
      let matched = dictionary[behind(rep0)] as number;
      while (symbol < 0x100) {
        const matchedBit = (matched >>> 7) & 1;
        matched <<= 1;
        const one = bit(literals, start + ((1 + matchedBit) << 8) + symbol);
        symbol = (symbol << 1) | one;
        if (matchedBit !== one) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | bit(literals, start + symbol);
    put(symbol & 0xff);
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  function behind(distance: number): number {
    const index = place - distance - 1;
    return index < 0 ? index + dictionary.length : index;
  }

  function put(byte: number): void {
    dictionary[place] = byte;
    place++;
    total++;
    if (known < most) known++;
  }

  function matchLength(start: number, positionState: number): number {
    if (bit(choices, start) === 0) return tree(choices, start + LOW + (positionState << 3), 3);
    if (bit(choices, start + 1) === 0) return 8 + tree(choices, start + MID + (positionState << 3), 3);
    return 16 + tree(choices, start + HIGH, 8);
  }

  function matchDistance(length: number): number {
    const slot = tree(choices, SLOTS + (Math.min(length, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return base + reverseTree(choices, SPECIAL + base - slot, bits);
    return base + direct(bits - 4) * 16 + reverseTree(choices, ALIGN, 4);
  }

  /** Reads a match; false at the end of the stream. */
  function match(positionState: number): boolean {
    if (bit(choices, IS_REP + state) === 0) {
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      const length = matchLength(LENGTHS, positionState);
      state = state < 7 ? 7 : 10;
      rep0 = matchDistance(length);
      if (rep0 === 0xffffffff) return false;
      copying = length + 2;
      return true;
    }
    if (bit(choices, IS_REP_0 + state) === 0) {
      if (bit(choices, IS_REP_0_LONG + (state << 4) + positionState) === 0) {
        state = state < 7 ? 9 : 11;
        copying = 1;
        return true;
      }
    } else toFront(bit(choices, IS_REP_1 + state) === 0 ? 1 : bit(choices, IS_REP_2 + state) === 0 ? 2 : 3);
    copying = matchLength(REP_LENGTHS, positionState) + 2;
    state = state < 7 ? 8 : 11;
    return true;
  }

  function toFront(index: number): void {
    const chosen = index === 1 ? rep1 : index === 2 ? rep2 : rep3;
    if (index === 3) rep3 = rep2;
    if (index >= 2) rep2 = rep1;
    rep1 = rep0;
    rep0 = chosen;
  }

  function copyMatch(until: number): void {
    if (rep0 >= known) throw new Damage('does not unpack');
    const end = Math.min(until, place + copying);
    copying -= end - place;
    total += end - place;
    known = Math.min(most, known + end - place);
    let from = behind(rep0);
    while (place < end) {
      dictionary[place] = dictionary[from] as number;
      place++;
      from = from + 1 === dictionary.length ? 0 : from + 1;
    }
  }

  return {
    reset(properties) {
      lc = properties.lc;
      literalMask = (1 << properties.lp) - 1;
      positionMask = (1 << properties.pb) - 1;
      const length = 0x300 << (properties.lc + properties.lp);
      if (literals.length !== length) literals = new Uint16Array(length);
      literals.fill(HALF);
      choices.fill(HALF);
      state = 0;
      rep0 = rep1 = rep2 = rep3 = 0;
    },
    forget() {
      known = 0;
      total = 0;
    },
    start(bytes) {
      if (bytes.length < 5) throw new Damage('is cut off');
      if (bytes[0] !== 0) throw new Damage('does not unpack');
      interval = 0xffffffff;
      code = bytes.subarray(1, 5).reduce((sum, byte) => sum * 256 + byte, 0);
      copying = 0;
      isOver = false;
    },
    give(bytes) {
      packed = bytes;
      at = 0;
    },
    used: () => at,
    unpack(wanted, spare) {
      if (isOver) return undefined;
      const start = makeRoom() > 0 ? place : 0;
      const until = Math.min(dictionary.length, start + wanted);
      while (place < until) {
        if (copying > 0) copyMatch(until);
        else if (at + spare > packed.length) break;
        else {
          const positionState = total & positionMask;
          if (bit(choices, (state << 4) + positionState) === 0) literal();
          else if (!match(positionState)) {
            isOver = true;
            break;
          }
        }
      }
      return dictionary.subarray(start, place);
    },
    copy(bytes) {
      for (let taken = 0; taken < bytes.length; ) {
        const length = Math.min(makeRoom(), bytes.length - taken);
        dictionary.set(bytes.subarray(taken, taken + length), place);
        place += length;
        taken += length;
        total += length;
        known = Math.min(most, known + length);
      }
    },
    close() {
      windows.giveBack(dictionary.length);
      dictionary = new Uint8Array();
    },
  };
}

// Where in the table each kind of choice has its probabilities.
const IS_REP = 12 << 4;
const IS_REP_0 = IS_REP + 12;
const IS_REP_1 = IS_REP_0 + 12;
const IS_REP_2 = IS_REP_1 + 12;
const IS_REP_0_LONG = IS_REP_2 + 12;
const SLOTS = IS_REP_0_LONG + (12 << 4);
const SPECIAL = SLOTS + (4 << 6);
const ALIGN = SPECIAL + 128;
const LENGTHS = ALIGN + 16;
const LOW = 2;
const MID = LOW + 128;
const HIGH = MID + 128;
const REP_LENGTHS = LENGTHS + HIGH + 256;
const TABLE_LENGTH = REP_LENGTHS + HIGH + 256;
