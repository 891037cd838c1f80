import { startsWith, toLatin1, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';
import { createPieces } from './source.ts';

const COMPOUND = 'application/x-cfb';
const DOC = 'application/msword';
const XLS = 'application/vnd.ms-excel';
const PPT = 'application/vnd.ms-powerpoint';
const MSG = 'application/vnd.ms-outlook';
const MSI = 'application/x-msi';
const OOXML = 'application/vnd.openxmlformats-officedocument';
/** What a file with a password can be. Only the password would show which. */
const BEHIND_PASSWORD = [
  `${OOXML}.wordprocessingml.document`,
  `${OOXML}.spreadsheetml.sheet`,
  `${OOXML}.presentationml.presentation`,
];
const TOLD_APART = new Set([DOC, XLS, PPT, MSG, ...BEHIND_PASSWORD]);

/** The stream that holds an encrypted package ([MS-OFFCRYPTO], section 2.3.4.4). */
const PACKAGE = toUtf16('EncryptedPackage');
const ENTRY_BYTES = 128;
const ROOT = 5;
// The directory's first sectors. They nearly always follow each other, and have the streams that show a
// file's kind.
const DIRECTORY_BYTES = 4096;

const BY_STREAM: readonly (readonly [RegExp, string])[] = [
  [/^WordDocument$/, DOC],
  [/^(?:Workbook|Book)$/i, XLS],
  [/^PowerPoint Document$/, PPT],
  [/^__(?:properties_version1\.0|nameid_version1\.0|substg1\.0_.*)$/, MSG],
];

// The class of the root, as its first four bytes.
const BY_CLASS: Readonly<Record<number, string>> = {
  133376: DOC,
  133382: DOC,
  133136: XLS,
  133152: XLS,
  1686211856: PPT,
  134411: MSG,
  790660: MSI,
};

/**
 * Reads compound files ([MS-CFB]): Word, Excel and PowerPoint up to 2003, messages of Outlook, and Office
 * files of today that have a password. The directory shows which of them it is, and may be anywhere: that
 * takes one more piece of 4 KiB, or none if something else was declared.
 */
export async function probeCompound(bytes: Bytes): Promise<Signature | undefined> {
  const { prefix, size, declared } = bytes;
  if (!startsWith(prefix, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return undefined;
  if (!TOLD_APART.has(declared)) return { types: [COMPOUND] };
  const view = viewOf(prefix);
  const shift = prefix.length < 512 ? 0 : view.getUint16(30, true);
  if (shift !== 9 && shift !== 12) return { beginsAs: COMPOUND, flaw: 'its header is damaged' };
  const at = (view.getUint32(48, true) + 1) * 2 ** shift;
  if (at + ENTRY_BYTES > size) return { beginsAs: COMPOUND, flaw: 'its directory is missing: it is cut off' };
  // Most writers put the directory of such a file first.
  if (hasEntry(prefix, PACKAGE)) return { encrypted: BEHIND_PASSWORD };
  const pieces = createPieces(bytes);
  const length = Math.min(DIRECTORY_BYTES, size - at);
  await pieces.load(at, length);
  const directory = pieces.at(at, length) ?? new Uint8Array();
  if (hasEntry(directory, PACKAGE)) return { encrypted: BEHIND_PASSWORD };
  // The first entry is the root, whatever it is called: some writers shorten its name.
  if (directory[66] !== ROOT) return { beginsAs: COMPOUND, flaw: 'its directory is damaged' };
  const names = toNames(directory);
  const type =
    BY_STREAM.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1] ??
    BY_CLASS[viewOf(directory).getUint32(80, true)];
  return { types: [type ?? COMPOUND] };
}

/** A name as entries have it, with the zero at its end. */
function toUtf16(name: string): Buffer {
  return Buffer.from(`${name}\0`, 'utf16le');
}

/** True if an entry of this name begins at one of the places where entries can begin. */
function hasEntry(bytes: Uint8Array, name: Buffer): boolean {
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    if (name.equals(bytes.subarray(at, at + name.length))) return true;
  }
  return false;
}

/** The names of the directory's entries, up to the first that is empty. */
function toNames(directory: Uint8Array): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const entry = directory.subarray(at, at + ENTRY_BYTES);
    const nameBytes = viewOf(entry).getUint16(64, true);
    const kind = entry[66] ?? 0;
    if (kind > ROOT || nameBytes > 64 || nameBytes % 2 !== 0) break;
    if (kind === 0) continue;
    // UTF-16 of ASCII letters: every other byte.
    names.push(toLatin1(entry.subarray(0, Math.max(0, nameBytes - 2)).filter((_, place) => place % 2 === 0)));
  }
  return names;
}
