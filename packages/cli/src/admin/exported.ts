import type { AdminItem } from '@sluice/contract/admin';
import type { Checksum } from '@sluice/contract/checksum';
import { toFilename, toServedName } from '@sluice/contract/filename';
import { Complaint } from '../complaint.ts';
import { printable } from '../text.ts';

/** A file of an export, as its row tells of it. */
export type Exported = {
  readonly id: string;
  /** one that every file system takes */
  readonly name: string;
  /** bytes */
  readonly size: number | undefined;
  /** of all bytes, if one was verified */
  readonly checksum: Checksum | undefined;
};

/** As many files as are fetched or copied at once. */
export const AT_ONCE = 8;

// Most file systems take 255; a download writes to a name beside it that is longer.
const MAX_NAME_BYTES = 200;
// What Windows takes in no name, beside what is refused in all names of uploads.
const NOT_ON_WINDOWS = /[<>"|?*]/g;

/** What a row says of its file. Throws Complaint for an id that is none. */
export function toExported({ id, row = {} }: AdminItem): Exported {
  // It becomes the name of a folder.
  if (!/^[\w-]{1,64}$/.test(id)) throw new Complaint(`"${printable(id)}" is not the id of an upload.`);
  const { filename, servedType, size, evidence, checksum } = row as Partial<{
    readonly filename: string;
    readonly servedType: string;
    readonly size: number;
    readonly evidence: { readonly size?: number; readonly checksum?: Checksum };
    readonly checksum: Checksum;
  }>;
  const own = filename ?? id;
  const name = servedType === undefined ? (toFilename(own) ?? id) : toServedName(own, servedType);
  return {
    id,
    name: cutBytes(name.replaceAll(NOT_ON_WINDOWS, '_')),
    size: evidence?.size ?? size,
    checksum: evidence?.checksum ?? checksum,
  };
}

/** Within the bytes of a name, with its extension. */
function cutBytes(name: string): string {
  const extension = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? '';
  let stem = name.slice(0, name.length - extension.length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES) stem = [...stem].slice(0, -1).join('');
  return toFilename(stem + extension) ?? 'unnamed';
}
