import { crc32 } from 'node:zlib';
import { startsWith, viewOf } from '../sniff/bytes.ts';
import { isSame, LOCAL_BYTES, type LocalHeader, readLocal, type ZipEntry } from '../sniff/zip-directory.ts';
import type { InspectedFile } from './file.ts';
import { createReader, Damage, type Reader } from './reader.ts';
import { type Tally, Unreadable } from './tally.ts';
import { readZipListing, type ZipListing } from './zip-entries.ts';
import { unpackZipEntry } from './zip-methods.ts';

/** What is told of an archive on the way through it. */
export type ZipWatch = {
  /** Every entry, files and folders, before its content. */
  readonly entry?: (entry: ZipEntry) => void;
  /**
   * The content of an entry that can be read. What is left unread is read after it, so that it is counted.
   */
  readonly visit: (entry: ZipEntry, content: Reader) => Promise<void>;
  /** An entry whose content nobody can look at. `why` continues a sentence after the name. */
  readonly unseen?: (entry: ZipEntry, why: string) => void;
  /** Two readers could see two different things, or nothing at all. */
  readonly inconsistent?: (entry: ZipEntry, what: string) => void;
  readonly overlaps?: (entry: ZipEntry) => void;
};

type Source = Pick<InspectedFile, 'size' | 'read' | 'stream'>;

// Reading on costs less than asking anew.
const SKIP_MAX_BYTES = 1024 ** 2;
// Each one is asked for anew. Only bombs have more.
const OVERLAPS_MAX = 100;
// Signature, checksum and two sizes of 64 bits, after the data of an entry that was written to a stream.
const DESCRIPTOR_MAX_BYTES = 24;

/**
 * Goes through a zip archive once, in the order of its files' places, and unpacks each of them, as far as
 * anybody takes it and to its end. Counts entries and unpacked bytes in the tally, whose LimitReached ends
 * it. Throws damage for an archive whose directory cannot be trusted.
 */
export async function walkZip(
  file: Source,
  tally: Tally,
  signal: AbortSignal,
  watch: ZipWatch,
): Promise<void> {
  const listing = await readZipListing(file, tally, signal);
  const places = createPlaces(file, listing.directoryStart, signal);
  try {
    await walkEntries(listing, places, tally, signal, watch);
  } finally {
    await places.close();
    listing.close();
  }
}

async function walkEntries(
  { entries, directoryStart }: ZipListing,
  places: Places,
  tally: Tally,
  signal: AbortSignal,
  watch: ZipWatch,
): Promise<void> {
  let before = 0;
  let overlaps = 0;
  for (const entry of entries) {
    watch.entry?.(entry);
    if (entry.start < before) {
      watch.overlaps?.(entry);
      overlaps++;
      if (overlaps > OVERLAPS_MAX) throw new Unreadable(`has more than ${OVERLAPS_MAX} files that overlap`);
    } else if (await places.hidesFile(before, entry.start)) {
      watch.inconsistent?.(entry, 'comes after a file that the directory does not name');
    }
    const end = await walkEntry(entry, places, tally, signal, watch);
    before = Math.max(before, end);
  }
  if (entries.length > 0 && (await places.hidesFile(before, directoryStart))) {
    const last = entries[entries.length - 1] as ZipEntry;
    watch.inconsistent?.(last, 'comes before a file that the directory does not name');
  }
}

/** Returns where the data of the entry ends. */
async function walkEntry(
  entry: ZipEntry,
  places: Places,
  tally: Tally,
  signal: AbortSignal,
  watch: ZipWatch,
): Promise<number> {
  const reader = await places.seek(entry.start);
  const local = await readHeader(reader);
  if (local === undefined) {
    watch.inconsistent?.(entry, 'is not where the directory says it is');
    return entry.start;
  }
  const { header, bytes } = local;
  const end = entry.start + bytes + entry.compressed;
  if (!isSame(header, entry) || local.isEncrypted !== entry.isEncrypted || differs(local, entry)) {
    watch.inconsistent?.(entry, 'is described in two ways');
  }
  if (entry.isEncrypted) {
    tally.unpacked(entry.compressed);
    watch.unseen?.(entry, 'is encrypted');
    return end;
  }
  const packed = reader.chunks(entry.compressed);
  const content = createReader(
    counted(unpackZipEntry(packed, entry, tally.windows, signal), entry, tally, watch),
    signal,
  );
  try {
    await watch.visit(entry, content);
    await content.skip();
  } catch (error) {
    if (error instanceof Damage) watch.inconsistent?.(entry, error.message);
    else if (error instanceof Unreadable) watch.unseen?.(entry, error.message);
    else throw error;
  } finally {
    await content.close();
  }
  return end;
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  entry: ZipEntry,
  tally: Tally,
  watch: ZipWatch,
): AsyncGenerator<Uint8Array> {
  let unpacked = 0;
  let crc = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    tally.unpacked(chunk.length, { unpacked, packed: entry.compressed });
    crc = crc32(chunk, crc);
    yield chunk;
  }
  // The archive tool of macOS writes sizes modulo 2³².
  if (unpacked !== entry.unpacked && unpacked % 2 ** 32 !== entry.unpacked) {
    watch.inconsistent?.(entry, `has ${unpacked} bytes, not ${entry.unpacked}`);
  } else if (crc !== entry.crc) watch.inconsistent?.(entry, 'has another checksum than its own');
}

type Local = {
  readonly header: LocalHeader;
  /** of the header, name and extra fields included */
  readonly bytes: number;
  readonly isEncrypted: boolean;
  readonly unpacked: number;
};

async function readHeader(reader: Reader): Promise<Local | undefined> {
  const fixed = await reader.peek(LOCAL_BYTES);
  if (fixed.length < LOCAL_BYTES || !startsWith(fixed, 'PK\x03\x04')) return undefined;
  const view = viewOf(fixed);
  const length = LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  const isEncrypted = (view.getUint16(6, true) & 1) === 1;
  const unpacked = view.getUint32(22, true);
  const bytes = await reader.take(length);
  const at = (start: number, size: number) =>
    start + size <= bytes.length ? bytes.subarray(start, start + size) : undefined;
  const header = bytes.length < length ? undefined : readLocal({ at }, 0);
  return header && { header, bytes: length, isEncrypted, unpacked };
}

function differs({ header, unpacked }: Local, entry: ZipEntry): boolean {
  return !header.isStreamed && unpacked !== 0xffffffff && unpacked !== entry.unpacked % 2 ** 32;
}

/** Where one is in the file. */
type Places = {
  readonly seek: (to: number) => Promise<Reader>;
  /** True if a file begins between two entries, right after the first or after its descriptor. */
  readonly hidesFile: (from: number, to: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

function createPlaces(file: Source, end: number, signal: AbortSignal): Places {
  let start = 0;
  let reader: Reader | undefined;

  async function seek(to: number): Promise<Reader> {
    const ahead = reader === undefined ? -1 : to - start - reader.position();
    if (reader !== undefined && ahead >= 0 && ahead <= SKIP_MAX_BYTES) {
      await reader.skip(ahead);
      return reader;
    }
    await reader?.close();
    start = Math.min(to, end);
    reader = createReader(start < end ? file.stream(start, end) : nothing(), signal);
    return reader;
  }

  return {
    seek,
    async hidesFile(from, to) {
      if (to - from < LOCAL_BYTES) return false;
      const gap = await (await seek(from)).peek(Math.min(to - from, DESCRIPTOR_MAX_BYTES + 4));
      return [0, 12, 16, 20, 24].some((at) => startsWith(gap, 'PK\x03\x04', at));
    },
    async close() {
      await reader?.close();
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // There is nothing to read where the directory begins.
}
