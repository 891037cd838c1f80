import { startsWith } from '../sniff/bytes.ts';
import type { ZipEntry } from '../sniff/zip-directory.ts';
import type { Found } from './archive-facts.ts';
import { type ArchiveKind, archiveKindOf } from './archive-kinds.ts';
import { unpackBzip2 } from './bzip2.ts';
import { escapes, linkEscapes } from './escapes.ts';
import type { InspectedFile } from './file.ts';
import { unpackGzip } from './inflate.ts';
import { finds, isMacroPart, MACRO_STREAM } from './macro-names.ts';
import { isProgram, isRunningName } from './programs.ts';
import { createReader, type Reader } from './reader.ts';
import { walkSevenZip } from './seven-zip.ts';
import { counted, type Tally, Unreadable } from './tally.ts';
import { walkTar } from './tar-walk.ts';
import { unpackXz } from './xz.ts';
import { walkZip } from './zip-walk.ts';
import { unpackZstd } from './zstd.ts';

/** As much of a file as says what it is. */
export const HEAD_BYTES = 8192;

/** What goes along on the way through an archive and all that lie within it. */
export type Look = { readonly tally: Tally; readonly signal: AbortSignal; readonly found: Found };

/** An archive: the path of what is in it, its own name, and how many archives there are down to it. */
type Place = { readonly path: string; readonly name: string; readonly depth: number };

type ZipFile = Pick<InspectedFile, 'size' | 'read' | 'stream'>;
/** The kinds that pack one stream. */
export type PackedKind = 'gzip' | 'bzip2' | 'xz' | 'zstd';

/** True for a kind that packs one stream. */
export function isPacked(kind: ArchiveKind | 'other'): kind is PackedKind {
  return kind === 'gzip' || kind === 'bzip2' || kind === 'xz' || kind === 'zstd';
}

/** Looks into a zip archive. */
export async function lookIntoZip(look: Look, file: ZipFile, place: Place): Promise<void> {
  const { found, tally, signal } = look;
  const pathOf = (entry: ZipEntry) => place.path + Buffer.from(entry.name, 'latin1').toString();
  await walkZip(file, tally, signal, {
    entry(entry) {
      noteName(look, place, pathOf(entry), Buffer.from(entry.name, 'latin1').toString());
      if (entry.isEncrypted) found.encrypted();
    },
    async visit(entry, content) {
      if (isLink(entry.mode)) await lookAtLink(look, content, place, entry.name);
      else await lookIntoContent(look, content, place, pathOf(entry), entry.compressed);
    },
    unseen(entry, why) {
      if (!entry.isEncrypted) found.unseen.add(pathOf(entry), why);
    },
    inconsistent: (entry, what) => found.inconsistent.add(pathOf(entry), what),
    overlaps: () => found.overlaps(),
  });
}

const MODE_KIND = 0xf000;
const MODE_LINK = 0xa000;
const LINK_MAX_BYTES = 4096;

function isLink(mode: number): boolean {
  return (mode & MODE_KIND) === MODE_LINK;
}

/** The content of a link is where it points to. */
async function lookAtLink({ found }: Look, content: Reader, place: Place, name: string): Promise<void> {
  const target = Buffer.from(await content.peek(LINK_MAX_BYTES)).toString();
  if (linkEscapes(name, 'symbolic', target)) found.escapes.add(place.path + name);
}

/** Looks into a 7z archive. */
export async function lookIntoSevenZip(look: Look, file: ZipFile, place: Place): Promise<void> {
  const { found, tally, signal } = look;
  await walkSevenZip(file, tally, signal, {
    entry: (entry) => noteName(look, place, place.path + entry.name, entry.name),
    async visit({ name, mode, packedBytes }, content) {
      if (isLink(mode)) await lookAtLink(look, content, place, name);
      else await lookIntoContent(look, content, place, place.path + name, packedBytes);
    },
    encrypted: () => found.encrypted(),
    unseen: (name, why) => found.unseen.add(place.path + name, why),
    inconsistent: (name, what) => found.inconsistent.add(place.path + name, what),
  });
}

/**
 * Looks into a tar archive.
 * @param isCounted whether its bytes are counted where it is unpacked
 */
export async function lookIntoTar(
  look: Look,
  archive: Reader,
  place: Place,
  isCounted: boolean,
): Promise<void> {
  const { found, tally, signal } = look;
  await walkTar(archive, tally, signal, {
    isCounted,
    entry({ name, link }) {
      noteName(look, place, place.path + name, name);
      if (link !== undefined && linkEscapes(name, link.kind, link.target)) {
        found.escapes.add(place.path + name);
      }
    },
    visit: (entry, content) => lookIntoContent(look, content, place, place.path + entry.name, entry.size),
    unseen: (entry, why) => found.unseen.add(place.path + entry.name, why),
    inconsistent: (name, what) =>
      found.inconsistent.add(name === undefined ? place.name : place.path + name, what),
  });
}

/** Looks into one packed stream, which may be of a tar archive. */
export async function lookIntoPacked(
  look: Look,
  kind: PackedKind,
  packed: Reader,
  place: Place,
  packedBytes: number,
): Promise<void> {
  const { found, tally, signal } = look;
  const start = packed.position();
  let used: number | undefined;
  const unpack: Readonly<Record<PackedKind, () => AsyncIterable<Uint8Array>>> = {
    gzip: () =>
      unpackGzip(packed.chunks(), (bytes) => {
        used = bytes;
      }),
    bzip2: () => unpackBzip2(packed, tally.windows),
    xz: () => unpackXz(packed, tally.windows),
    zstd: () => unpackZstd(packed, tally.windows),
  };
  const content = createReader(counted(unpack[kind](), tally, packedBytes), signal);
  try {
    if (archiveKindOf(await content.peek(HEAD_BYTES)) === 'tar') {
      await lookIntoTar(look, content, place, true);
    } else {
      tally.entry();
      const name = place.name.replace(/\.[^./\\]*$/, '');
      noteName(look, place, place.path + name, name);
      await lookIntoContent(look, content, place, place.path + name, packedBytes);
    }
    await content.skip();
  } finally {
    await content.close();
  }
  if (used === undefined) return;
  await packed.skip();
  const behind = packed.position() - start - used;
  if (behind > 0) found.inconsistent.add(place.name, `has ${behind} bytes behind its end`);
}

function noteName({ found }: Look, place: Place, path: string, name: string): void {
  if (escapes(name)) found.escapes.add(path);
  if (isRunningName(name)) found.executables.add(path);
  if (isMacroPart(name)) found.macros.add(place.depth === 1 ? path : place.name);
  if (name === 'META-INF/MANIFEST.MF') found.executables.add(place.name);
}

/** Looks at one file of an archive: what it is and, if it is an archive itself, into that. */
async function lookIntoContent(
  look: Look,
  content: Reader,
  outer: Place,
  path: string,
  packedBytes: number,
): Promise<void> {
  const head = await content.peek(HEAD_BYTES);
  if (isProgram(head)) look.found.executables.add(path);
  if (startsWith(head, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) {
    if (await finds(content, MACRO_STREAM)) look.found.macros.add(path);
    return;
  }
  const kind = archiveKindOf(head);
  if (kind === undefined) return;
  if (kind === 'other') throw new Unreadable('is an archive of a kind that is not looked into');
  const place = { path: `${path}/`, name: path, depth: outer.depth + 1 };
  look.tally.within(place.depth);
  if (kind === 'tar') await lookIntoTar(look, content, place, false);
  else if (isPacked(kind)) await lookIntoPacked(look, kind, content, place, packedBytes);
  else await lookIntoHeld(look, kind, content, place);
}

/** Looks into an archive whose table is at its end: it has to be held in memory. */
async function lookIntoHeld(look: Look, kind: 'zip' | '7z', content: Reader, place: Place): Promise<void> {
  const { held } = look.tally;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of content.chunks()) {
      if (!held.lend(chunk.length)) throw new Unreadable('is an archive that is too large to look into');
      bytes += chunk.length;
      // A piece of something larger would keep all of that in memory.
      chunks.push(
        chunk.byteLength === chunk.buffer.byteLength ? chunk : Uint8Array.prototype.slice.call(chunk),
      );
    }
    const whole = Buffer.concat(chunks.splice(0));
    const file = toFile(whole);
    if (kind === 'zip') await lookIntoZip(look, file, place);
    else await lookIntoSevenZip(look, file, place);
  } finally {
    held.giveBack(bytes);
  }
}

function toFile(bytes: Uint8Array): ZipFile {
  return {
    size: bytes.length,
    read: async ({ start, length }) => bytes.subarray(start, start + length),
    async *stream(start = 0, end = bytes.length) {
      yield bytes.subarray(start, end);
    },
  };
}
