import { isContentType, normaliseContentType } from '../upload/content-types.ts';
import { typeByExtension } from '../upload/extension.ts';
import { toFilename } from '../upload/filename.ts';

/** A file as Uppy speaks of it: everything may be missing, or be the text of something missing. */
export type UppyFile = {
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** The same in the words of `POST /uploads`, yet to be checked. A size there is not: Uppy never says it. */
export type UppyDeclaration = {
  /** undefined when there is no name at all */
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
};

const UNKNOWN_TYPE = 'application/octet-stream';

/** Brings what Uppy says of a file into the form in which anybody else would have said it. */
export const toDeclaration = ({ filename, type, metadata }: UppyFile): UppyDeclaration => {
  const name = toFilename(filename ?? '');
  return { filename: name, contentType: chooseType(type, name ?? ''), metadata: toMetadata(metadata) };
};

// A browser may know no type, or an operating system's own (Excel's for CSV). Whatever is chosen here, the bytes decide.
const chooseType = (type: string | undefined, filename: string): string => {
  const told = normaliseContentType(type ?? '');
  if (isContentType(told)) return told;
  const isType = /^[^/]+\/[^/]+$/.test(told);
  return typeByExtension(filename) ?? (isType ? told : UNKNOWN_TYPE);
};

// Both are declared already, under their own names.
const REPEATED = ['name', 'type'];

/** Every value as text. In a query, version 6 writes what is null as `null`. */
const toMetadata = (metadata: UppyFile['metadata']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) => {
      const isMissing = value === null || value === undefined || value === 'null' || value === 'undefined';
      return isMissing || REPEATED.includes(key) ? [] : [[key, toText(value)]];
    }),
  );

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
