/** A file that is read once, of which the part around the place that is looked at is in memory. */
export type PdfBuffer = {
  /** the place of the first byte in memory */
  readonly start: () => number;
  readonly bytes: () => Buffer;
  /** Has so many bytes from a place on in memory, or all that there are. */
  readonly load: (at: number, length: number) => Promise<void>;
  /** true if the file ends before so many bytes from a place on */
  readonly isWhole: (at: number, length: number) => boolean;
  /** The next of some words, with its neighbours. What is before it is let go, but for a few bytes. */
  readonly find: (words: readonly string[], from: number) => Promise<Found | undefined>;
  /** The number of an object, from the digits before a place. */
  readonly number: (at: number) => number | undefined;
  /** true if a stream ends at a place, which is in memory or not far from it */
  readonly hasEnd: (at: number) => Promise<boolean>;
  /** A stream's bytes up to its end, which is not before `least`; undefined if there are more than `most`. */
  readonly untilEnd: (at: number, least: number, most: number) => Promise<Buffer | undefined>;
};

export type Found = {
  readonly word: string;
  readonly at: number;
  /** the bytes on both sides; undefined at the ends of the file */
  readonly before: number | undefined;
  readonly after: number | undefined;
};

const STEP_BYTES = 1024 * 1024;
const BEHIND_BYTES = 64;
const END = 'endstream';

export function createPdfBuffer(stream: AsyncIterable<Uint8Array>): PdfBuffer {
  const chunks = stream[Symbol.asyncIterator]();
  let bytes = Buffer.alloc(0);
  let start = 0;
  let isOver = false;
  /** the next place of each word, as far as it is known */
  const next = new Map<string, number>();

  const load = async (at: number, length: number) => {
    const parts: Uint8Array[] = [bytes];
    let filled = bytes.length;
    while (!isOver && start + filled < at + length) {
      const { value, done } = await chunks.next();
      if (done === true) isOver = true;
      else {
        parts.push(value);
        filled += value.length;
      }
    }
    if (parts.length > 1) bytes = Buffer.concat(parts);
  };
  const drop = (before: number) => {
    const length = Math.min(Math.max(0, before - start), bytes.length);
    // The rest is copied when more is loaded: often enough, and not for each word.
    bytes = bytes.subarray(length);
    start += length;
  };
  const places = (words: readonly string[], from: number) =>
    words.map((word) => {
      const known = next.get(word);
      if (known !== undefined && known >= from) return known;
      const place = bytes.indexOf(word, Math.max(0, from - start), 'latin1');
      const at = place === -1 ? Number.POSITIVE_INFINITY : start + place;
      if (place !== -1) next.set(word, at);
      return at;
    });

  return {
    start: () => start,
    bytes: () => bytes,
    load,
    isWhole: (at, length) => isOver && start + bytes.length <= at + length,
    async find(words, from) {
      let place = from;
      for (;;) {
        const found = places(words, place);
        const at = Math.min(...found);
        if (at !== Number.POSITIVE_INFINITY) {
          const word = words[found.indexOf(at)] ?? '';
          await load(at, word.length + 1);
          return {
            word,
            at,
            before: bytes[at - start - 1],
            after: bytes[at - start + word.length],
          };
        }
        if (isOver) return undefined;
        // A word can lie across the end of what is there.
        place = Math.max(place, start + bytes.length - 16);
        drop(place - BEHIND_BYTES);
        await load(place, STEP_BYTES);
      }
    },
    number(at) {
      const before = bytes.toString('latin1', Math.max(0, at - start - BEHIND_BYTES), at - start);
      const [, digits] = /(\d{1,10})[\s\0]+\d{1,10}[\s\0]*obj$/.exec(before) ?? [];
      return digits === undefined ? undefined : Number(digits);
    },
    async hasEnd(at) {
      if (at < start || at > start + bytes.length + 2 * STEP_BYTES) return false;
      await load(at, END.length + 4);
      return /^\s{0,4}endstream/.test(bytes.toString('latin1', at - start, at - start + END.length + 4));
    },
    async untilEnd(at, least, most) {
      let from = Math.max(least - start, at - start);
      for (;;) {
        const end = bytes.indexOf(END, from, 'latin1');
        if (end !== -1) return bytes.subarray(skipLineEnd(bytes, at - start), end);
        if (start + bytes.length - at > most) return undefined;
        if (isOver) return bytes.subarray(skipLineEnd(bytes, at - start));
        from = Math.max(from, bytes.length - END.length);
        await load(start + bytes.length, Math.max(STEP_BYTES, bytes.length));
      }
    },
  };
}

/** After the word that begins a stream there is a line's end, and then the data. */
function skipLineEnd(bytes: Buffer, at: number): number {
  if (bytes[at] === 13) return bytes[at + 1] === 10 ? at + 2 : at + 1;
  return bytes[at] === 10 ? at + 1 : at;
}
