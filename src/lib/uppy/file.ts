import { toDeclaredType } from '@sluice/contract/content-types';
import { toFilename } from '@sluice/contract/filename';

/** A file as Uppy describes it: everything may be missing, or be the text of something missing. */
export type UppyFile = {
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** The same in the form of `POST /uploads`, not yet checked. */
export type UppyDeclaration = {
  /** undefined if there is no name at all */
  readonly filename: string | undefined;
  readonly contentType: string;
  /** from the metadata, in any form; Uppy gives no size by itself */
  readonly size?: unknown;
  readonly metadata: Readonly<Record<string, string>>;
};

const UNKNOWN_TYPE = 'application/octet-stream';

/** Brings Uppy's description of a file into the form that other clients use. */
export function toDeclaration({ filename, type, metadata }: UppyFile): UppyDeclaration {
  const name = toFilename(filename ?? '');
  // If the type is unknown, Uppy may send the text `undefined`, which is not a type.
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

/** Every value as text. In a query, version 6 writes null as `null`. */
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
