import type { OwnType } from '@sluice/contract/own-types';
import { startsWith } from './bytes.ts';
import { createPieces, type Source } from './source.ts';
import { readZipDirectory } from './zip-directory.ts';
import type { Flaw } from './zip-end.ts';

/**
 * True if a file is of a type of the deployment's own; a flaw if it is a damaged archive. If the type's
 * structure throws, that counts as no; what `read` throws is passed on.
 * @param text the prefix as text; empty if it is not text
 */
export async function isOwn(own: OwnType, source: Source, text: string): Promise<boolean | Flaw> {
  const { prefix, size } = source;
  const { magic = [], structure, tailBytes = 0, madeOf } = own;
  if (own.family === 'text' && text === '') return false;
  if (!magic.every(({ at, bytes }) => startsWith(prefix, bytes, at))) return false;
  const pieces = createPieces(source);
  const names: string[] = [];
  if (madeOf === 'zip') {
    if (!startsWith(prefix, 'PK')) return false;
    const directory = await readZipDirectory(pieces);
    if ('flaw' in directory) return directory;
    names.push(...directory.entries.map(({ name }) => toText(name)));
  }
  if (structure === undefined) return true;
  const length = Math.min(tailBytes, size);
  await pieces.load(size - length, length);
  const tail = pieces.at(size - length, length) ?? new Uint8Array();
  try {
    return structure({ size, prefix, tail, text, entries: names });
  } catch {
    return false;
  }
}

/** A name is nearly always UTF-8; otherwise it stays one character for each byte. */
function toText(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? name : text;
}
