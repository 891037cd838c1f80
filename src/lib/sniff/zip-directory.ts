import { startsWith, toLatin1, viewOf } from './bytes.ts';
import { PIECE_BYTES, type Pieces } from './source.ts';
import { type Flaw, readZipEnd, type ZipEnd } from './zip-end.ts';

/** One file of an archive, as its directory has it. */
export type ZipEntry = {
  /** one character for each byte */
  readonly name: string;
  readonly isEncrypted: boolean;
  /** whether LZMA marks its own end; other methods have other uses for the same bit */
  readonly hasEndMark: boolean;
  readonly method: number;
  readonly crc: number;
  /** bytes in the archive */
  readonly compressed: number;
  /** bytes when unpacked, as the archive says */
  readonly unpacked: number;
  /** of its local header, in bytes from the start of the object */
  readonly start: number;
  /** the file's mode, where the writer is a Unix; otherwise 0 */
  readonly mode: number;
};

export type ZipDirectory = {
  readonly entries: readonly ZipEntry[];
  /** whether these are all entries; in a directory of more than 128 KiB only the first are known */
  readonly isWhole: boolean;
};

const ENTRY = 0x02014b50;
/** Bytes of a record of the directory, and of a local header, before the name. */
export const ENTRY_BYTES = 46;
export const LOCAL_BYTES = 30;
const UNIX = 3;
const UNSAID = 0xffffffff;
const CONTRADICTION = 'its directory contradicts what is in it';

/**
 * Reads an archive's directory from its tail, and from one more piece if it is longer than that. Returns a
 * flaw if two readers could see two different archives: entries that overlap or reach beyond the directory, a
 * first file that the directory does not name, and everything that readZipEnd refuses.
 */
export async function readZipDirectory(pieces: Pieces): Promise<ZipDirectory | Flaw> {
  const { size, at, load } = pieces;
  await load(size - PIECE_BYTES, PIECE_BYTES);
  const tailBytes = Math.min(size, PIECE_BYTES);
  const end = readZipEnd(at(size - tailBytes, tailBytes) ?? new Uint8Array(), size);
  if ('flaw' in end) return end;
  const { directoryStart, directorySize } = end;
  const untilTail = size - tailBytes - directoryStart;
  if (untilTail > 0) await load(directoryStart, Math.min(untilTail, PIECE_BYTES));
  const whole = at(directoryStart, directorySize) ?? join(pieces, end);
  const known = whole ?? at(directoryStart, PIECE_BYTES) ?? new Uint8Array();
  try {
    const entries = toEntries(known, whole !== undefined);
    const flaw = findFlaw(pieces, entries, end, whole !== undefined);
    return flaw === undefined ? { entries, isWhole: whole !== undefined } : { flaw };
  } catch (error) {
    // A field is beyond the end of the bytes.
    if (error instanceof RangeError) return { flaw: CONTRADICTION };
    throw error;
  }
}

/** A directory that ends in the tail and begins in another piece. */
function join({ at, size }: Pieces, { directoryStart, directorySize }: ZipEnd): Uint8Array | undefined {
  const tailStart = size - PIECE_BYTES;
  const head = at(directoryStart, tailStart - directoryStart);
  const rest = at(tailStart, directoryStart + directorySize - tailStart);
  return head && rest && Buffer.concat([head, rest]);
}

/**
 * The records of a directory; those of its beginning if it is not whole. Throws a RangeError for what is no
 * directory.
 */
export function toEntries(bytes: Uint8Array, isWhole: boolean): readonly ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    // The last record of a piece may be cut.
    if (!isWhole && at + ENTRY_BYTES > bytes.length) break;
    if (view.getUint32(at, true) !== ENTRY) throw new RangeError('no entry');
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > bytes.length) {
      if (!isWhole) break;
      throw new RangeError('cut off');
    }
    const extraAt = at + ENTRY_BYTES + nameBytes;
    const sizes = toSizes(view, at, bytes.subarray(extraAt, extraAt + extraBytes));
    entries.push({
      name: toLatin1(bytes.subarray(at + ENTRY_BYTES, extraAt)),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      hasEndMark: (view.getUint16(at + 8, true) & 2) !== 0,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      mode: view.getUint8(at + 5) === UNIX ? view.getUint16(at + 40, true) : 0,
      ...sizes,
    });
    at = next;
  }
  return entries;
}

/** Sizes and place of an entry; numbers beyond 32 bits are in an extra field (section 4.5.3). */
function toSizes(view: DataView, at: number, extra: Uint8Array) {
  const fields = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  const long = fields.includes(UNSAID) ? findExtra(extra, 1) : undefined;
  let used = 0;
  const [unpacked = 0, compressed = 0, start = 0] = fields.map((field) => {
    // Without the extra field the number is what it says: a file can have that very length.
    if (field !== UNSAID || long === undefined) return field;
    const value = Number(viewOf(long).getBigUint64(used, true));
    used += 8;
    return value;
  });
  return { unpacked, compressed, start };
}

function findExtra(extra: Uint8Array, id: number): Uint8Array | undefined {
  const view = viewOf(extra);
  let at = 0;
  // Padding that is no field may follow, as zipalign writes it.
  while (at + 4 <= extra.length) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === id) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

function findFlaw(
  pieces: Pieces,
  entries: readonly ZipEntry[],
  { directoryStart, entries: said }: ZipEnd,
  isWhole: boolean,
): string | undefined {
  if (isWhole && entries.length % 0x10000 !== said % 0x10000) return CONTRADICTION;
  const [first, ...others] = [...entries].sort((a, b) => a.start - b.start);
  if (first === undefined) return directoryStart === 0 ? undefined : CONTRADICTION;
  // Beyond 4 GiB the places that macOS writes are wrong, and do not show what overlaps.
  const isWrapped = directoryStart >= 2 ** 32 && entries.every(({ start }) => start < 2 ** 32);
  let before = first;
  for (const entry of isWrapped ? [] : others) {
    if (endOf(before) > entry.start) return 'its files overlap';
    before = entry;
  }
  if (!isWrapped && endOf(before) > directoryStart) return CONTRADICTION;
  if (first.start !== (isMarked(pieces) ? 4 : 0))
    return 'it begins with a file that its directory does not name';
  const local = readLocal(pieces, first.start);
  return local !== undefined && isSame(local, first)
    ? undefined
    : 'its first file is not the one that its directory names';
}

/** Some writers put the mark of a split archive before a whole one (section 8.5.4). */
function isMarked({ at }: Pieces): boolean {
  const start = at(0, 4);
  return start !== undefined && (startsWith(start, 'PK00') || startsWith(start, 'PK\x07\x08'));
}

/** A minimum: a local header may be longer than the directory's copy of it. */
function endOf({ start, name, compressed }: ZipEntry): number {
  return start + LOCAL_BYTES + name.length + compressed;
}

/** What the header before a file's data says of it. */
export type LocalHeader = Pick<ZipEntry, 'name' | 'method' | 'crc' | 'compressed'> & {
  readonly dataStart: number;
  /** the sizes and the checksum come after the data, not here */
  readonly isStreamed: boolean;
};

/** The header before a file's data; undefined if there is none, or it is not among the known bytes. */
export function readLocal({ at }: Pick<Pieces, 'at'>, start: number): LocalHeader | undefined {
  const header = at(start, LOCAL_BYTES);
  if (header === undefined || !startsWith(header, 'PK\x03\x04')) return undefined;
  const view = viewOf(header);
  const nameBytes = view.getUint16(26, true);
  const name = at(start + LOCAL_BYTES, nameBytes);
  return (
    name && {
      name: toLatin1(name),
      method: view.getUint16(8, true),
      crc: view.getUint32(14, true),
      compressed: view.getUint32(18, true),
      dataStart: start + LOCAL_BYTES + nameBytes + view.getUint16(28, true),
      isStreamed: (view.getUint16(6, true) & 8) !== 0,
    }
  );
}

/** True if a local header says the same about a file as the directory. */
export function isSame(local: LocalHeader, entry: ZipEntry): boolean {
  return (
    local.name === entry.name &&
    local.method === entry.method &&
    (local.isStreamed ||
      (local.crc === entry.crc && (local.compressed === UNSAID || local.compressed === entry.compressed)))
  );
}
