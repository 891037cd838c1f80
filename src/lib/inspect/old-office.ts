import { viewOf } from '../sniff/bytes.ts';
import { type CompoundFile, readCompoundFile } from './compound-file.ts';
import type { Inspector } from './file.ts';
import { Damage } from './reader.ts';
import { createWindow } from './window.ts';

const MACROS = /^(?:_VBA_PROJECT(?:_CUR)?|VBA|Macros)$/i;
// Of Word's pool of objects, of Excel, of all that were dragged in, and of mail.
const EMBEDDED = /^(?:_\d{6,}|MBD[\da-f]{8}|__attach_version1\.0_#[\da-f]{8})$/i;
const ENCRYPTED = /^(?:EncryptedPackage|EncryptionInfo|EncryptedSummary)$/;
// The sheets of a workbook are listed at its beginning.
const GLOBALS_BYTES = 1024 * 1024;
const SLIDES_BYTES = 32 * 1024 * 1024;

/**
 * Looks into an Office file from before 2007, a message of Outlook, or an Office file behind a password: what
 * the directory shows, and what the beginnings of its streams say.
 */
export const inspectOldOffice: Inspector = async (file) => {
  try {
    const compound = await readCompoundFile(createWindow(file));
    const names = compound.entries.map(({ name }) => name);
    const workbook = await readWorkbook(compound);
    const encrypted =
      names.some((name) => ENCRYPTED.test(name)) || workbook.encrypted || (await isEncryptedText(compound));
    const macros =
      names.some((name) => MACROS.test(name)) || workbook.macros || (await hasSlideMacros(compound));
    const embedded = names.filter((name) => EMBEDDED.test(name)).length;
    return {
      facts: { encrypted, macros, embedded },
      ...(encrypted && { unsupported: 'it opens only with a password' }),
    };
  } catch (error) {
    if (error instanceof Damage) return { facts: { malformed: `it ${error.message}` } };
    throw error;
  }
};

async function headOf({ entries, head }: CompoundFile, name: RegExp, length: number): Promise<Uint8Array> {
  const entry = entries.find((one) => one.isStream && name.test(one.name));
  return entry === undefined ? new Uint8Array() : head(entry, length);
}

/** Word says so in the first fields of its stream ([MS-DOC], section 2.5.2). */
async function isEncryptedText(compound: CompoundFile): Promise<boolean> {
  const head = await headOf(compound, /^WordDocument$/, 12);
  return head.length === 12 && (viewOf(head).getUint16(10, true) & 0x0100) !== 0;
}

const RECORD = { end: 0x0a, password: 0x2f, sheet: 0x85 } as const;

/** The records at the beginning of a workbook ([MS-XLS]): its password, and its sheets of macros. */
async function readWorkbook(compound: CompoundFile) {
  const bytes = await headOf(compound, /^(?:Workbook|Book)$/i, GLOBALS_BYTES);
  const view = viewOf(bytes);
  let encrypted = false;
  let macros = false;
  for (let at = 0; at + 4 <= bytes.length; at += 4 + view.getUint16(at + 2, true)) {
    const kind = view.getUint16(at, true);
    if (kind === RECORD.end) break;
    encrypted ||= kind === RECORD.password;
    // The kind of a sheet: 1 is a sheet of macros of Excel 4.
    macros ||= kind === RECORD.sheet && bytes[at + 9] === 1;
  }
  return { encrypted, macros };
}

// The head of the record that tells of macros, and of the only one in it ([MS-PPT], section 2.4.10).
const VBA_INFO = Buffer.from('1f00ff0314000000', 'hex');

async function hasSlideMacros(compound: CompoundFile): Promise<boolean> {
  const bytes = await headOf(compound, /^PowerPoint Document$/, SLIDES_BYTES);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(VBA_INFO);
  return at !== -1 && bytes[at + VBA_INFO.length + 12] === 1;
}
