import { startsWith, viewOf } from '../sniff/bytes.ts';
import type { InspectedFile } from './file.ts';
import { createReader, Damage, type Reader } from './reader.ts';
import { isEncrypted, unpackFolder } from './seven-zip-coders.ts';
import { type Folder, parseSevenZipHeader, type SevenZipHeader, type Streams } from './seven-zip-header.ts';
import { counted, type Tally, Unreadable } from './tally.ts';

const START_BYTES = 32;
// A header is packed once. More often is a trick.
const PACKINGS_MAX = 4;

export type SevenZipEntry = {
  readonly name: string;
  /** the file's mode, where the writer is a Unix; otherwise 0 */
  readonly mode: number;
  /** bytes of all that is packed together with it */
  readonly packedBytes: number;
};

/** What is told of an archive on the way through it. */
export type SevenZipWatch = {
  readonly entry: (entry: SevenZipEntry) => void;
  readonly visit: (entry: SevenZipEntry, content: Reader) => Promise<void>;
  readonly encrypted: () => void;
  readonly unseen: (name: string, why: string) => void;
  readonly inconsistent: (name: string, what: string) => void;
};

type Source = Pick<InspectedFile, 'size' | 'read' | 'stream'>;

/**
 * Goes through a 7z archive once and unpacks what it can, to the end. Counts entries and unpacked bytes in
 * the tally, whose LimitReached ends it. Throws damage, or why it cannot be read, where its header is no
 * good.
 */
export async function walkSevenZip(
  file: Source,
  tally: Tally,
  signal: AbortSignal,
  watch: SevenZipWatch,
): Promise<void> {
  const { streams, files } = await readHeader(file, tally, signal, watch);
  const packed = toPlaces(streams, file.size);
  let next = 0;
  let content = 0;
  for (const [index, folder] of streams.folders.entries()) {
    const places = packed.slice(next, next + folder.packedInputs.length);
    next += places.length;
    const packedBytes = places.reduce((sum, { start, end }) => sum + end - start, 0);
    const named = folder.files.map((size) => {
      while (files[content]?.hasContent === false) content++;
      const { name = `file ${index}`, mode = 0 } = files[content] ?? {};
      content++;
      return { entry: { name, mode, packedBytes }, size };
    });
    await walkFolder(file, folder, places, named, tally, signal, watch);
  }
  for (const { name, mode, hasContent } of files) {
    if (!hasContent) watch.entry({ name, mode, packedBytes: 0 });
  }
}

type Named = { readonly entry: SevenZipEntry; readonly size: number };

async function walkFolder(
  file: Source,
  folder: Folder,
  places: readonly Place[],
  named: readonly Named[],
  tally: Tally,
  signal: AbortSignal,
  watch: SevenZipWatch,
): Promise<void> {
  for (const { entry } of named) watch.entry(entry);
  const [place] = places;
  if (isEncrypted(folder)) {
    watch.encrypted();
    for (const { size } of named) tally.unpacked(size);
    return;
  }
  if (place === undefined || named.length === 0) return;
  const packed = place.end > place.start ? file.stream(place.start, place.end) : nothing();
  const unpacked = counted(
    unpackFolder(packed, folder, tally.windows, signal),
    tally,
    place.end - place.start,
  );
  const reader = createReader(unpacked, signal);
  let current = named[0]?.entry.name ?? '';
  try {
    for (const { entry, size } of named) {
      current = entry.name;
      await visitEntry(reader, entry, size, signal, watch);
    }
  } catch (error) {
    // What follows in the same folder cannot be unpacked either.
    if (error instanceof Damage) watch.inconsistent(current, error.message);
    else if (error instanceof Unreadable) watch.unseen(current, error.message);
    else throw error;
  } finally {
    await reader.close();
  }
}

async function visitEntry(
  folder: Reader,
  entry: SevenZipEntry,
  size: number,
  signal: AbortSignal,
  watch: SevenZipWatch,
): Promise<void> {
  const start = folder.position();
  const content = createReader(folder.chunks(size), signal);
  // What the folder throws ends it; what is thrown about its content does not.
  const first = await content.peek(1);
  if (first.length === 1) await visitContent(entry, content, watch);
  await content.skip();
  if (folder.position() - start < size) throw new Damage('is cut off');
}

async function visitContent(entry: SevenZipEntry, content: Reader, watch: SevenZipWatch): Promise<void> {
  try {
    await watch.visit(entry, content);
  } catch (error) {
    if (error instanceof Damage) watch.inconsistent(entry.name, error.message);
    else if (error instanceof Unreadable) watch.unseen(entry.name, error.message);
    else throw error;
  }
}

async function readHeader(
  file: Source,
  tally: Tally,
  signal: AbortSignal,
  watch: SevenZipWatch,
): Promise<SevenZipHeader> {
  const start = await file.read({ start: 0, length: Math.min(START_BYTES, file.size) });
  if (start.length < START_BYTES || !startsWith(start, '7z\xbc\xaf\x27\x1c')) throw new Damage('is cut off');
  const headerStart = START_BYTES + Number(viewOf(start).getBigUint64(12, true));
  const headerSize = Number(viewOf(start).getBigUint64(20, true));
  if (headerSize === 0) return { streams: { packedStart: 0, packedSizes: [], folders: [] }, files: [] };
  if (headerStart + headerSize > file.size) throw new Damage('is cut off');
  let header = await hold(file.stream(headerStart, headerStart + headerSize), headerSize, tally, signal);
  try {
    for (let packing = 0; packing < PACKINGS_MAX; packing++) {
      const parsed = parseSevenZipHeader(header, tally.entry);
      if ('files' in parsed) return parsed;
      const [folder] = parsed.folders;
      const [place] = toPlaces(parsed, file.size);
      if (folder === undefined || place === undefined) throw new Damage('has a header that is none');
      if (isEncrypted(folder)) {
        watch.encrypted();
        throw new Unreadable('has even its names encrypted');
      }
      const size = folder.files[0] ?? 0;
      const unpacked = unpackFolder(file.stream(place.start, place.end), folder, tally.windows, signal);
      const next = await hold(unpacked, size, tally, signal);
      tally.held.giveBack(header.length);
      header = next;
    }
    throw new Damage('has a header that is none');
  } finally {
    tally.held.giveBack(header.length);
  }
}

/** A whole header in memory. */
async function hold(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  tally: Tally,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (!tally.held.lend(size)) throw new Unreadable('has a header that is too large to hold');
  const reader = createReader(chunks, signal);
  try {
    return await reader.demand(size);
  } catch (error) {
    tally.held.giveBack(size);
    throw error;
  } finally {
    await reader.close();
  }
}

type Place = { readonly start: number; readonly end: number };

/** Where in the file each packed stream is. */
function toPlaces({ packedStart, packedSizes }: Streams, size: number): readonly Place[] {
  let at = START_BYTES + packedStart;
  return packedSizes.map((packedBytes) => {
    const start = at;
    at += packedBytes;
    if (at > size) throw new Damage('has a header that contradicts what is in it');
    return { start, end: at };
  });
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // Node's files cannot be asked for no bytes.
}
