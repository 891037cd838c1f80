const END_OF_FILE = 0x1a;
const IS_CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  // White space is text, and so is what begins the colours of a terminal.
  byte < 0x20 && !(byte >= 9 && byte <= 13) && byte !== 0x1b ? 1 : 0,
);

/**
 * Looks for control characters, which text does not have, in one chunk after the other; says where the first
 * is. DOS ends a text with a mark, and fills a block with it: nothing else may come after.
 */
export function findControl(): (chunk: Uint8Array) => string | undefined {
  let before = 0;
  let endAt: number | undefined;
  return (chunk) => {
    const length = chunk.length;
    let at = 0;
    for (;;) {
      if (endAt === undefined) at = nextControl(chunk, at);
      if (at === length) break;
      if (chunk[at] !== END_OF_FILE) return toFlaw(endAt ?? before + at);
      endAt ??= before + at;
      at++;
    }
    before += length;
    return undefined;
  };
}

// In each byte of a word: the blank that a control is less than, and the bit that a borrow leaves.
const BLANKS = 0x20202020;
const BORROWED = 0x80808080 | 0;
const NONE = new Int32Array();

/**
 * The place of the next control; the length if there is none. Four bytes at once where none is below a blank.
 */
function nextControl(chunk: Uint8Array, from: number): number {
  let at = from;
  const { length, byteOffset } = chunk;
  while (at < length && (byteOffset + at) % 4 !== 0) {
    if (IS_CONTROL[chunk[at] as number] === 1) return at;
    at++;
  }
  const words = at + 4 > length ? NONE : new Int32Array(chunk.buffer, byteOffset + at, (length - at) >> 2);
  for (let index = 0; index < words.length; index++, at += 4) {
    const word = words[index] as number;
    if ((((word - BLANKS) | 0) & ~word & BORROWED) === 0) continue;
    for (let next = at; next < at + 4; next++) if (IS_CONTROL[chunk[next] as number] === 1) return next;
  }
  while (at < length && IS_CONTROL[chunk[at] as number] === 0) at++;
  return at;
}

function toFlaw(at: number): string {
  return `byte ${at} is a control character, which text does not have`;
}
