import { startsWith, viewOf } from '../sniff/bytes.ts';
import { ENTRY_BYTES, LOCAL_BYTES, toEntries, type ZipEntry } from '../sniff/zip-directory.ts';
import { type Flaw, readZipEnd, type ZipEnd } from '../sniff/zip-end.ts';
import type { InspectedFile } from './file.ts';
import { createReader, Damage } from './reader.ts';
import { type Tally, Unreadable } from './tally.ts';

// The end itself, a comment of the greatest length, and the 64-bit records.
const TAIL_BYTES = 66 * 1024;
const WRAP = 2 ** 32;
// Each is a read of its own.
const PROBES_MAX = 1000;
const NO_DIRECTORY = 'has a directory that contradicts what is in it';

/** All of an archive's directory. */
export type ZipListing = {
  /** in the order of their places */
  readonly entries: readonly ZipEntry[];
  readonly directoryStart: number;
  /** Lets go of the memory. */
  readonly close: () => void;
};

/**
 * Reads an archive's directory to its end, of any length that may be held in memory, and counts its entries.
 * Throws damage for an archive that two readers could take for two different ones.
 */
export async function readZipListing(
  file: Pick<InspectedFile, 'size' | 'read' | 'stream'>,
  tally: Tally,
  signal: AbortSignal,
): Promise<ZipListing> {
  const start = Math.max(0, file.size - TAIL_BYTES);
  const end: ZipEnd | Flaw = readZipEnd(await file.read({ start, length: file.size - start }), file.size);
  if ('flaw' in end) throw new Damage(`is no archive that all readers see alike: ${end.flaw}`);
  const { directoryStart, directorySize } = end;
  if (!tally.held.lend(directorySize)) throw new Unreadable('has a directory that is too large to hold');
  const close = () => tally.held.giveBack(directorySize);
  try {
    const entries = await readEntries(file, end, tally, signal);
    if (entries.length % 0x10000 !== end.entries % 0x10000) throw new Damage(NO_DIRECTORY);
    return { entries: await inPlaces(entries, directoryStart, file), directoryStart, close };
  } catch (error) {
    close();
    // A field is beyond the end of its record.
    if (error instanceof RangeError) throw new Damage(NO_DIRECTORY);
    throw error;
  }
}

async function readEntries(
  file: Pick<InspectedFile, 'stream'>,
  { directoryStart, directorySize }: ZipEnd,
  tally: Tally,
  signal: AbortSignal,
): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  if (directorySize === 0) return entries;
  const reader = createReader(file.stream(directoryStart, directoryStart + directorySize), signal);
  try {
    while (reader.position() < directorySize) {
      const fixed = viewOf(await reader.peek(ENTRY_BYTES));
      const more = fixed.getUint16(28, true) + fixed.getUint16(30, true) + fixed.getUint16(32, true);
      const [entry] = toEntries(await reader.demand(ENTRY_BYTES + more), true);
      tally.entry();
      if (entry !== undefined) entries.push(entry);
    }
  } finally {
    await reader.close();
  }
  return entries;
}

/** The entries as they follow each other in the file. */
async function inPlaces(
  entries: readonly ZipEntry[],
  directoryStart: number,
  file: Pick<InspectedFile, 'read'>,
): Promise<readonly ZipEntry[]> {
  // The archive tool of macOS writes places and sizes modulo 2³², in the order of the places.
  const isWrapped = directoryStart >= WRAP && entries.every(({ start }) => start < WRAP);
  if (!isWrapped) return [...entries].sort((a, b) => a.start - b.start);
  const placed: ZipEntry[] = [];
  let wraps = 0;
  let probes = 0;
  for (const entry of entries) {
    let start = entry.start + wraps * WRAP;
    if (start < (placed.at(-1)?.start ?? 0)) start += WRAP;
    // A file of more than 4 GiB shows only where the next one is not.
    while (start + WRAP < directoryStart && probes++ < PROBES_MAX && !(await isHeader(file, start))) {
      start += WRAP;
    }
    wraps = Math.floor(start / WRAP);
    placed.push({ ...entry, start });
  }
  return placed.map((entry, index) => {
    const next = placed[index + 1]?.start ?? directoryStart;
    const beyond = next - (entry.start + LOCAL_BYTES + entry.name.length + entry.compressed);
    return { ...entry, compressed: entry.compressed + Math.max(0, Math.floor(beyond / WRAP)) * WRAP };
  });
}

async function isHeader(file: Pick<InspectedFile, 'read'>, start: number): Promise<boolean> {
  return startsWith(await file.read({ start, length: 4 }), 'PK\x03\x04');
}
