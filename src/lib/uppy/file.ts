import { toDeclaredType } from '@sluice/contract/content-types';
import { toFilename } from '@sluice/contract/filename';

/** A file as Uppy speaks of it: everything may be missing, or be the text of something missing. */
export type UppyFile = {
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** The same in the words of `POST /uploads`, yet to be checked. */
export type UppyDeclaration = {
  /** undefined when there is no name at all */
  readonly filename: string | undefined;
  readonly contentType: string;
  /** as the metadata has it, of whatever form; Uppy says no size by itself */
  readonly size?: unknown;
  readonly metadata: Readonly<Record<string, string>>;
};

const UNKNOWN_TYPE = 'application/octet-stream';

/** Brings what Uppy says of a file into the form in which anybody else would have said it. */
export function toDeclaration({ filename, type, metadata }: UppyFile): UppyDeclaration {
  const name = toFilename(filename ?? '');
  // Where nothing is known, Uppy may send the text of it (`undefined`), which is no type.
  const contentType = type !== undefined && /^[^/]+\/[^/]+/.test(type) ? type : UNKNOWN_TYPE;
  return {
    filename: name,
    contentType: toDeclaredType({ filename: name ?? '', contentType }),
    ...(!isMissing(metadata.size) && { size: metadata.size }),
    metadata: toMetadata(metadata),
  };
}

// These are declared, under their own names.
const DECLARED = ['name', 'type', 'size'];

/** Every value as text. In a query, version 6 writes what is null as `null`. */
function toMetadata(metadata: UppyFile['metadata']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) =>
      isMissing(value) || DECLARED.includes(key) ? [] : [[key, toText(value)]],
    ),
  );
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === 'null' || value === 'undefined';
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
