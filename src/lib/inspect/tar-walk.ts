import { createReader, Damage, type Reader } from './reader.ts';
import { type Tally, Unreadable } from './tally.ts';
import { BLOCK_BYTES, parsePax, parseTarHeader, type TarHeader, toPaxNumber, toText } from './tar-header.ts';

// Names and attributes that describe one file.
const DESCRIPTION_MAX_BYTES = 1024 ** 2;
const LINKS: Readonly<Record<string, 'hard' | 'symbolic'>> = { '1': 'hard', '2': 'symbolic' };

/** One file of a tar archive. */
export type TarEntry = {
  readonly name: string;
  readonly link?: { readonly kind: 'hard' | 'symbolic'; readonly target: string };
  /** bytes that follow its header */
  readonly size: number;
};

/** What is told of an archive on the way through it. */
export type TarWatch = {
  readonly entry: (entry: TarEntry) => void;
  /** The content of a file. What is left unread is read after it, so that it is counted. */
  readonly visit: (entry: TarEntry, content: Reader) => Promise<void>;
  readonly unseen: (entry: TarEntry, why: string) => void;
  readonly inconsistent: (name: string | undefined, what: string) => void;
  /** whether somebody counts the bytes of the archive itself, such as who unpacks it */
  readonly isCounted: boolean;
};

/**
 * Goes through a tar archive once: old, POSIX, GNU and pax. Counts entries and bytes in the tally, whose
 * LimitReached ends it. Throws damage where it cannot go on.
 */
export async function walkTar(
  archive: Reader,
  tally: Tally,
  signal: AbortSignal,
  watch: TarWatch,
): Promise<void> {
  const described = createDescriptions(archive);
  for (;;) {
    const block = await archive.take(BLOCK_BYTES);
    // Some writers leave out the mark of the end.
    if (block.length === 0) return;
    const header = parseTarHeader(block);
    if (header === undefined) break;
    if (await described.read(header)) continue;
    const { name, linkName, size, sparseBytes } = await described.apply(header);
    tally.entry();
    const kind = LINKS[header.type];
    // What a link, a folder or a device says of its size is not followed by data.
    const dataBytes = '123456'.includes(header.type) ? 0 : size;
    const entry: TarEntry = {
      name,
      size: dataBytes,
      ...(kind !== undefined && { link: { kind, target: linkName } }),
    };
    watch.entry(entry);
    // The holes of a sparse file are bytes too, once it is unpacked.
    const holes = (sparseBytes ?? 0) - dataBytes;
    if (holes > 0) tally.unpacked(holes);
    await visitEntry(archive, entry, tally, signal, watch);
    await archive.skip(-dataBytes & (BLOCK_BYTES - 1));
  }
  if (await hasMore(archive)) watch.inconsistent(undefined, 'has something behind its end');
}

async function visitEntry(
  archive: Reader,
  entry: TarEntry,
  tally: Tally,
  signal: AbortSignal,
  watch: TarWatch,
): Promise<void> {
  const start = archive.position();
  const content = createReader(counted(archive.chunks(entry.size), entry, tally, watch), signal);
  try {
    if (entry.size > 0) await watch.visit(entry, content);
  } catch (error) {
    if (error instanceof Damage) watch.inconsistent(entry.name, error.message);
    else if (error instanceof Unreadable) watch.unseen(entry, error.message);
    else throw error;
  }
  await content.skip();
  if (archive.position() - start < entry.size) throw new Damage('is cut off');
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  entry: TarEntry,
  tally: Tally,
  { isCounted }: TarWatch,
): AsyncGenerator<Uint8Array> {
  let unpacked = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    if (!isCounted) tally.unpacked(chunk.length, { unpacked, packed: entry.size });
    yield chunk;
  }
}

/** Blocks of zeros fill the archive's last record. */
async function hasMore(archive: Reader): Promise<boolean> {
  let more = false;
  for await (const chunk of archive.chunks()) more ||= chunk.some((byte) => byte !== 0);
  return more;
}

type Described = {
  readonly name: string;
  readonly linkName: string;
  readonly size: number;
  /** of a sparse file, once it is unpacked */
  readonly sparseBytes?: number;
};

/** What stands before a header and belongs to it. */
function createDescriptions(archive: Reader) {
  let longName: string | undefined;
  let longLink: string | undefined;
  let forAll: Readonly<Record<string, string>> = {};
  let forNext: Readonly<Record<string, string>> = {};

  async function content({ size }: TarHeader): Promise<Uint8Array> {
    if (size > DESCRIPTION_MAX_BYTES) throw new Unreadable('has a name that is too long to hold');
    const bytes = await archive.demand(size);
    await archive.skip(-size & (BLOCK_BYTES - 1));
    return bytes;
  }

  return {
    /** Reads a header that describes another; false for any other. */
    async read(header: TarHeader): Promise<boolean> {
      if (header.type === 'L') longName = toText(await content(header));
      else if (header.type === 'K') longLink = toText(await content(header));
      else if (header.type === 'g') forAll = { ...forAll, ...parsePax(await content(header)) };
      else if (header.type === 'x') forNext = { ...forNext, ...parsePax(await content(header)) };
      else return false;
      return true;
    },
    /** What is said of a file by its header, and before it. */
    async apply(header: TarHeader): Promise<Described> {
      const attributes = { ...forAll, ...forNext };
      const size = toPaxNumber(attributes.size) ?? header.size;
      const sparseBytes =
        toPaxNumber(attributes['GNU.sparse.realsize'] ?? attributes['GNU.sparse.size']) ??
        header.sparse?.size;
      const described = {
        name: attributes['GNU.sparse.name'] ?? attributes.path ?? longName ?? header.name,
        linkName: attributes.linkpath ?? longLink ?? header.linkName,
        size,
        ...(sparseBytes !== undefined && { sparseBytes }),
      };
      longName = undefined;
      longLink = undefined;
      forNext = {};
      // The rest of the map of a sparse file, in blocks of its own.
      for (let isContinued = header.sparse?.isContinued ?? false; isContinued; ) {
        isContinued = (await archive.demand(BLOCK_BYTES))[504] !== 0;
      }
      return described;
    },
  };
}
