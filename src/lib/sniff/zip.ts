import { crc32, inflateRawSync } from 'node:zlib';
import { startsWith, toLatin1 } from './bytes.ts';
import { CONTENT_TYPES_PART, isOfficePackage, toOfficeType } from './office.ts';
import type { Bytes, Signature } from './probe.ts';
import { createPieces, PIECE_BYTES, type Pieces } from './source.ts';
import { isSame, readLocal, readZipDirectory, type ZipDirectory, type ZipEntry } from './zip-directory.ts';

const ZIP = 'application/zip';
const PRESENTATION = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';
// LibreOffice writes a show with the type of a presentation.
const SHOW = 'application/vnd.openxmlformats-officedocument.presentationml.slideshow';
const EPUB = 'application/epub+zip';
const JAR = 'application/java-archive';
const APK = 'application/vnd.android.package-archive';
const ODF =
  /^application\/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation|graphics)(?:-template)?$/;

/** True if the bytes begin like a zip archive, even an empty one or one with the mark of a split archive. */
function isZip(prefix: Uint8Array): boolean {
  return ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08PK\x03\x04', 'PK00PK\x03\x04'].some((magic) =>
    startsWith(prefix, magic),
  );
}

/** True for a type whose files are zip archives. */
function isMadeOfZip(type: string): boolean {
  return (
    type === ZIP || type === EPUB || type === JAR || type === APK || ODF.test(type) || isOfficePackage(type)
  );
}

/**
 * Reads zip archives, and the formats made of them: Office, OpenDocument, EPUB, JAR, APK. The directory
 * decides, and the part that names the type. Reads the archive's tail, and at most two more pieces if the
 * directory or that part is not in it. If something entirely different was declared, nothing is read: the
 * type's name is enough to refuse it.
 */
export async function probeZip(bytes: Bytes): Promise<Signature | undefined> {
  if (!isZip(bytes.prefix)) return undefined;
  const just: Signature = { types: [ZIP] };
  if (!isMadeOfZip(bytes.declared)) return just;
  const pieces = createPieces(bytes);
  const directory = await readZipDirectory(pieces);
  if ('flaw' in directory) return { beginsAs: ZIP, ...directory };
  // A zip is a zip, whatever it holds.
  if (bytes.declared === ZIP) return just;
  const type = await toNarrowType(pieces, directory);
  return type === undefined ? just : { types: [type, ...(type === PRESENTATION ? [SHOW] : []), ZIP] };
}

async function toNarrowType(pieces: Pieces, directory: ZipDirectory): Promise<string | undefined> {
  const has = (name: string) => directory.entries.some((entry) => entry.name === name);
  const named = (name: string) =>
    directory.entries.filter((entry) => entry.name.toLowerCase() === name.toLowerCase());

  const mimetypes = named('mimetype');
  if (mimetypes.length > 0) {
    const mimetype = await readPart(pieces, mimetypes);
    const type = mimetype && toLatin1(mimetype).trim();
    if (type === EPUB && has('META-INF/container.xml')) return EPUB;
    if (type !== undefined && ODF.test(type) && has('META-INF/manifest.xml')) return type;
  }
  const contentTypes = named(CONTENT_TYPES_PART);
  if (contentTypes.length > 0) {
    const part = await readPart(pieces, contentTypes);
    const type = part && toOfficeType(directory, part);
    if (type !== undefined) return type;
  }
  if (has('AndroidManifest.xml') && has('classes.dex')) return APK;
  return has('META-INF/MANIFEST.MF') ? JAR : undefined;
}

// Some eight thousand parts: many times as many as a directory that is known has.
const UNPACKED_MAX_BYTES = 1024 ** 2;
// A local header has fields of its own, which the directory does not count.
const HEADER_BYTES = 1024;

/**
 * The content of the one file of a name; undefined if there are several, it is too large, or it is damaged.
 */
async function readPart(pieces: Pieces, entries: readonly ZipEntry[]): Promise<Uint8Array | undefined> {
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || entry.isEncrypted) return undefined;
  const bytes = HEADER_BYTES + entry.name.length + entry.compressed;
  if (bytes > PIECE_BYTES || entry.unpacked > UNPACKED_MAX_BYTES) return undefined;
  await pieces.load(entry.start, bytes);
  const local = readLocal(pieces, entry.start);
  if (local === undefined || !isSame(local, entry)) return undefined;
  const packed = pieces.at(local.dataStart, entry.compressed);
  const content = packed && unpack(packed, entry);
  return content?.length === entry.unpacked && crc32(content) === entry.crc ? content : undefined;
}

function unpack(packed: Uint8Array, { method, unpacked }: ZipEntry): Uint8Array | undefined {
  if (method === 0) return packed;
  if (method !== 8) return undefined;
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(unpacked, 1) });
  } catch {
    return undefined;
  }
}
