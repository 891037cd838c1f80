import { viewOf } from './bytes.ts';

/** Why bytes are not what they begin like; fit to show, and continues a sentence after "but". */
export type Flaw = { readonly flaw: string };

/** Where an archive's directory is, in bytes from the start of the object. */
export type ZipEnd = {
  readonly directoryStart: number;
  readonly directorySize: number;
  /** as the archive says; some writers count modulo 65,536 */
  readonly entries: number;
};

const END = 0x06054b50;
const END_BYTES = 22;
const END_64 = 0x06064b50;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const UNSAID_16 = 0xffff;
const UNSAID_32 = 0xffffffff;

/**
 * Reads the end of a zip archive (APPNOTE.TXT 6.3, sections 4.3.14 to 4.3.16). Readers disagree about an
 * archive whose end is not at the object's own end, or which has two ends: such an archive has a flaw.
 * @param tail the last bytes of the object
 * @param size bytes of the whole object
 */
export function readZipEnd(tail: Uint8Array, size: number): ZipEnd | Flaw {
  const view = viewOf(tail);
  const ends: number[] = [];
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    const reachesEnd = () => at + END_BYTES + view.getUint16(at + 20, true) === tail.length;
    if (tail[at] === 0x50 && view.getUint32(at, true) === END && reachesEnd()) ends.push(at);
  }
  const [at] = ends;
  if (at === undefined) return { flaw: 'its end is missing: it is cut off, or something follows it' };
  if (ends.length > 1) return { flaw: 'it has two ends' };

  const short = {
    disk: view.getUint16(at + 4, true),
    directoryDisk: view.getUint16(at + 6, true),
    entries: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
  const tailStart = size - tail.length;
  const long = readEnd64(view, at, tailStart);
  if (long !== undefined && 'flaw' in long) return long;
  const isDisk = (disk: number) => disk === 0 || (long !== undefined && disk === UNSAID_16);
  if (!isDisk(short.disk) || !isDisk(short.directoryDisk)) return { flaw: 'it is one part of several' };
  if (long !== undefined) {
    // A field that has its own value has to agree with the 64-bit record.
    const agree = (said: number, really: number, unsaid: number) => said === unsaid || said === really;
    const isOneTale =
      agree(short.entries, long.entries, UNSAID_16) &&
      agree(short.size, long.size, UNSAID_32) &&
      agree(short.start, long.start, UNSAID_32);
    if (!isOneTale) return { flaw: 'its two ends say different things' };
  }
  const { entries, size: directorySize, start } = long ?? short;
  const directoryStart = tailStart + (long?.at ?? at) - directorySize;
  // The archive tool of macOS writes offsets modulo 2³² rather than the 64-bit record.
  const isThere = long === undefined ? (directoryStart - start) % 2 ** 32 === 0 : directoryStart === start;
  if (directoryStart < 0 || !isThere) return { flaw: 'its directory is not where its end says it is' };
  return { directoryStart, directorySize, entries };
}

type End64 = {
  /** from the start of the tail */
  readonly at: number;
  readonly entries: number;
  readonly size: number;
  readonly start: number;
};

function readEnd64(view: DataView, endAt: number, tailStart: number): End64 | Flaw | undefined {
  const locator = endAt - LOCATOR_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR) return undefined;
  const at = Number(view.getBigUint64(locator + 8, true)) - tailStart;
  const isRecord =
    Number.isSafeInteger(at) &&
    at >= 0 &&
    at + 56 <= locator &&
    view.getUint32(at, true) === END_64 &&
    at + 12 + Number(view.getBigUint64(at + 4, true)) === locator;
  if (!isRecord) return { flaw: 'its 64-bit end is missing' };
  return {
    at,
    entries: Number(view.getBigUint64(at + 32, true)),
    size: Number(view.getBigUint64(at + 40, true)),
    start: Number(view.getBigUint64(at + 48, true)),
  };
}
