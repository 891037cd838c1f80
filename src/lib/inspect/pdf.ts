import type { Inspector } from './file.ts';
import { toExcessOf } from './limits.ts';
import { createPdfBuffer } from './pdf-buffer.ts';
import { MOST_UNPACKED_BYTES, unpackPdfStream } from './pdf-filters.ts';
import { type PdfDictionary, readPdfObject } from './pdf-object.ts';
import { addSightings, createSightings, createSpotter, type PdfSightings } from './pdf-sightings.ts';
import { createPdfTokens, endsPdfWord } from './pdf-tokens.ts';

// No writer makes an object of this size, apart from its stream.
const MOST_OBJECT_BYTES = 16 * 1024 * 1024;
const OBJECT = 'obj';
const TRAILER = 'trailer';

/**
 * Looks at every object of a PDF, wherever in the file it is: readers find them by tables, of which there can
 * be several that contradict each other, and look for them as is done here where the tables are wrong. So an
 * object of an earlier revision counts, too, and one that is hidden within the data of another. Streams of
 * objects are unpacked, each with a limit, and one at a time.
 */
export const inspectPdf: Inspector = async (file, limits) => {
  const buffer = createPdfBuffer(file.stream());
  const all = createSightings();
  let objects = 0;
  let opaque = false;
  let streamEnd = 0;
  let budget = 64 * 1024 * 1024 + file.size * 4;

  const visitPacked = (bytes: Buffer, dictionary: PdfDictionary) => {
    for (const { number, at } of readHeader(bytes, dictionary)) {
      if (budget < 0) return;
      const one = createSightings();
      const { position } = readPdfObject(bytes, at, createSpotter(one, number), true);
      budget -= position - at;
      addSightings(all, one, false);
    }
  };

  const visit = async (place: number, isTrailer: boolean) => {
    let one: PdfSightings;
    let object: ReturnType<typeof readPdfObject>;
    let room = MOST_OBJECT_BYTES / 256;
    do {
      // What is not there yet is fetched in growing steps, and the object is read from its start again.
      await buffer.load(place, room);
      one = createSightings();
      const start = place - buffer.start();
      const bytes = buffer.bytes().subarray(0, start + room);
      object = readPdfObject(
        bytes,
        start,
        createSpotter(one, isTrailer ? undefined : buffer.number(place)),
        isTrailer,
      );
      budget -= object.position - start;
      room *= 4;
    } while (object.end === 'cut' && !buffer.isWhole(place, room / 4) && room <= MOST_OBJECT_BYTES);
    if (object.end === 'cut' && room > MOST_OBJECT_BYTES) opaque = true;
    addSightings(all, one, place < streamEnd);
    if (object.end !== 'stream' || object.dictionary === undefined) return;
    const from = buffer.start() + object.position;
    const length = object.dictionary.entries.get('Length');
    if (length?.is === 'number' && (await buffer.hasEnd(from + length.number))) {
      streamEnd = Math.max(streamEnd, from + length.number);
    }
    if (!isPack(object.dictionary)) return;
    const packed = await buffer.untilEnd(from, Math.max(from, streamEnd), MOST_UNPACKED_BYTES);
    const bytes = packed && unpackPdfStream(packed, object.dictionary);
    if (bytes === undefined) opaque = true;
    else visitPacked(bytes, object.dictionary);
    hasPacks = true;
  };
  let hasPacks = false;

  for (let at = 0; budget >= 0; ) {
    const found = await buffer.find([OBJECT, TRAILER], at);
    if (found === undefined) break;
    at = found.at + found.word.length;
    if (!isWord(found.before, found.after, found.word)) continue;
    if (found.word === OBJECT) objects++;
    await visit(at, found.word === TRAILER);
    if (all.pages.size > limits.pages) break;
  }

  const pages = toPages(all);
  // By what is there, where the root says less: the look ended there, and whatever follows was not seen.
  const exceeded = toExcessOf(limits, { pages: all.pages.size });
  const unsupported = toUnsupported(all, opaque, hasPacks, budget);
  return {
    facts: {
      ...(objects === 0 && { malformed: 'there are no objects in it' }),
      encrypted: all.encrypted,
      embedded: all.embedded,
      ...((!all.encrypted || pages > 0) && { 'pdf.pages': pages }),
      'pdf.javascript': all.javascript,
      'pdf.launch': all.launch,
      'pdf.actions': [...all.actions].sort(),
      'pdf.opens': all.opens || [...all.opened].some((number) => all.doing.has(number)),
      'pdf.xfa': all.xfa,
    },
    ...(exceeded && { exceeded }),
    ...(unsupported !== undefined && { unsupported }),
  };
};

function toUnsupported(all: PdfSightings, opaque: boolean, hasPacks: boolean, budget: number) {
  if (budget < 0) return 'its objects lie within each other';
  if (all.encrypted && hasPacks) return 'it is encrypted, and most of it cannot be looked into';
  return opaque ? 'parts of it are packed so that they cannot be looked into' : undefined;
}

/** `endobj` and `object` have the same letters. */
function isWord(before: number | undefined, after: number | undefined, word: string): boolean {
  if (!endsPdfWord(after)) return false;
  const isDigit = before !== undefined && before >= 0x30 && before <= 0x39;
  return endsPdfWord(before) || (word === OBJECT && isDigit);
}

/** True for a stream of objects. Some readers go by its type, others by what it has. */
function isPack({ entries }: PdfDictionary): boolean {
  const type = entries.get('Type');
  return (type?.is === 'name' && type.name === 'ObjStm') || (entries.has('N') && entries.has('First'));
}

/** The numbers of a packed stream's objects, and where each begins. */
function readHeader(bytes: Buffer, { entries }: PdfDictionary) {
  const tokens = createPdfTokens(bytes, 0);
  const numbers: number[] = [];
  let start = 0;
  for (;;) {
    const token = tokens.next();
    if (token.kind !== 'number') break;
    numbers.push(token.value);
    start = tokens.position();
  }
  const said = entries.get('First');
  const first = said?.is === 'number' ? said.number : start;
  const places = new Map<number, number>();
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const at = first + (numbers[index + 1] ?? 0);
    if (at >= 0 && at < bytes.length) places.set(at, numbers[index] ?? 0);
  }
  return [...places].map(([at, number]) => ({ at, number }));
}

/** The root's word, unless it says more than there are: objects of earlier revisions are pages, too. */
function toPages({ pages, said }: PdfSightings): number {
  return said !== undefined && said > 0 && said <= pages.size ? said : pages.size;
}
