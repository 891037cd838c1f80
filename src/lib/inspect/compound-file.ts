import { startsWith, viewOf } from '../sniff/bytes.ts';
import { Damage } from './reader.ts';
import type { Window } from './window.ts';

/** One stream or storage of a compound file. */
export type CompoundEntry = {
  readonly name: string;
  readonly isStream: boolean;
  readonly start: number;
  readonly size: number;
};

export type CompoundFile = {
  readonly entries: readonly CompoundEntry[];
  /** the first bytes of a stream, at most `length` */
  readonly head: (entry: CompoundEntry, length: number) => Promise<Uint8Array>;
};

const ENTRY_BYTES = 128;
const MOST_DIRECTORY_BYTES = 16 * 1024 * 1024;
// Smaller streams lie in the root's stream, in sectors of their own.
const SMALL_BYTES = 4096;
const SMALL_SECTOR_BYTES = 64;
const MOST_SMALL_BYTES = 16 * 1024 * 1024;
const LAST = 0xfffffffa;
const IN_HEADER = 109;

/**
 * Reads the directory of a compound file ([MS-CFB]) to its end, by its table of sectors.
 * @throws Damage
 */
export async function readCompoundFile(window: Window): Promise<CompoundFile> {
  const header = await window.at(0, 512);
  if (header === undefined || !startsWith(header, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) {
    throw new Damage('has no header');
  }
  const view = viewOf(header);
  const shift = view.getUint16(30, true);
  if (shift !== 9 && shift !== 12) throw new Damage('has a damaged header');
  const sectorBytes = 2 ** shift;
  const placeOf = (sector: number) => (sector + 1) * sectorBytes;
  const tables: number[] = [];
  for (let index = 0; index < IN_HEADER; index++) tables.push(view.getUint32(76 + index * 4, true));
  await addTables(window, tables, view.getUint32(68, true), sectorBytes);

  const next = async (sector: number): Promise<number> => {
    const perTable = sectorBytes / 4;
    const table = tables[Math.floor(sector / perTable)];
    if (table === undefined || table >= LAST) return LAST;
    const entry = await window.view(placeOf(table) + (sector % perTable) * 4, 4);
    return entry?.getUint32(0, true) ?? LAST;
  };
  const read = async (start: number, most: number): Promise<Uint8Array> => {
    const sectors: Uint8Array[] = [];
    const seen = new Set<number>();
    for (
      let sector = start;
      sector < LAST && sectors.length * sectorBytes < most;
      sector = await next(sector)
    ) {
      if (seen.has(sector)) throw new Damage('has a circle in it');
      seen.add(sector);
      const bytes = await window.upTo(placeOf(sector), sectorBytes);
      if (bytes.length === 0) break;
      sectors.push(bytes);
    }
    return Buffer.concat(sectors);
  };

  const entries = toEntries(await read(view.getUint32(48, true), MOST_DIRECTORY_BYTES));
  let small: Promise<readonly [Uint8Array, Uint8Array]> | undefined;
  const readSmall = async (start: number, size: number): Promise<Uint8Array> => {
    small ??= Promise.all([
      read(entries[0]?.start ?? LAST, MOST_SMALL_BYTES),
      read(view.getUint32(60, true), MOST_SMALL_BYTES),
    ]);
    const [bytes, table] = await small;
    const sectors: Uint8Array[] = [];
    for (let sector = start; sector < LAST && sectors.length * SMALL_SECTOR_BYTES < size; ) {
      sectors.push(bytes.subarray(sector * SMALL_SECTOR_BYTES, (sector + 1) * SMALL_SECTOR_BYTES));
      sector = sector * 4 + 4 <= table.length ? viewOf(table).getUint32(sector * 4, true) : LAST;
    }
    return Buffer.concat(sectors);
  };

  return {
    entries,
    async head({ start, size }, length) {
      const most = Math.min(size, length);
      const bytes = await (size < SMALL_BYTES ? readSmall(start, most) : read(start, most));
      return bytes.subarray(0, most);
    },
  };
}

/** The places of the tables that the header has no room for. */
async function addTables(window: Window, tables: number[], first: number, sectorBytes: number) {
  const most = Math.ceil(window.size / sectorBytes);
  const perSector = sectorBytes / 4 - 1;
  for (let sector = first; sector < LAST && tables.length < most; ) {
    const view = await window.view((sector + 1) * sectorBytes, sectorBytes);
    if (view === undefined) return;
    for (let index = 0; index < perSector; index++) tables.push(view.getUint32(index * 4, true));
    sector = view.getUint32(perSector * 4, true);
  }
}

function toEntries(directory: Uint8Array): readonly CompoundEntry[] {
  const entries: CompoundEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const bytes = directory.subarray(at, at + ENTRY_BYTES);
    const view = viewOf(bytes);
    const kind = view.getUint8(66);
    const nameBytes = Math.min(64, view.getUint16(64, true));
    if (kind === 0 || nameBytes < 2) continue;
    entries.push({
      name: Buffer.from(bytes.subarray(0, nameBytes - 2)).toString('utf16le'),
      isStream: kind === 2,
      start: view.getUint32(116, true),
      size: view.getUint32(120, true),
    });
  }
  return entries;
}
