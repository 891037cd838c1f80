import type { Charset } from './encoding.ts';
import { ownTypeByAlias, ownTypeByExtension, ownTypeOf } from './own-types.ts';
import { type Family, type Row, TYPES } from './type-table.ts';

/** A content type that Sluice can verify, by its canonical name. */
export type ContentType = keyof typeof TYPES;

const ROWS = Object.entries(TYPES) as readonly (readonly [ContentType, Row])[];

const ALIASES: ReadonlyMap<string, ContentType> = new Map(
  ROWS.flatMap(([type, { aliases = [] }]) => aliases.map((alias) => [alias, type] as const)),
);

const BY_EXTENSION: ReadonlyMap<string, ContentType> = new Map(
  ROWS.flatMap(([type, { extensions }]) => extensions.map((extension) => [extension, type] as const)),
);

/**
 * Brings a content type to the one name that Sluice uses for it: lower case, parameters dropped, aliases
 * resolved (`image/jpg` → `image/jpeg`). A type that Sluice does not know keeps its name. Repeating it
 * changes nothing.
 */
export function normaliseContentType(text: string): string {
  const [type = ''] = text.split(';', 1);
  const name = type.trim().toLowerCase();
  return ALIASES.get(name) ?? ownTypeByAlias(name) ?? name;
}

/** True for the canonical name of a type of the table. */
export function isContentType(type: string): type is ContentType {
  return Object.hasOwn(TYPES, type);
}

function rowOf(type: string): Row | undefined {
  return isContentType(type) ? TYPES[type] : ownTypeOf(type);
}

/** True for the canonical name of a type that Sluice can verify: of the table, or of the deployment's own. */
export function isKnownType(type: string): boolean {
  return rowOf(type) !== undefined;
}

/** How the bytes of a type are judged; undefined for a type that Sluice cannot verify. */
export function familyOf(type: string): Family | undefined {
  return rowOf(type)?.family;
}

/**
 * The extensions that a file of a type may have, the one to give it first; none for a type that Sluice cannot
 * verify. Every text that a browser does not run is plain text as well, whatever else it is.
 */
export function extensionsOf(type: string): readonly string[] {
  const { extensions = [], shares = [] } = rowOf(type) ?? {};
  const texts =
    type === 'text/plain' ? ROWS.filter(([, { family }]) => family === 'text').map(([, row]) => row) : [];
  return [...new Set([...extensions, ...shares, ...texts.flatMap((row) => row.extensions)])];
}

/**
 * What stands behind the last dot of a name, in lower case; empty where there is no dot, or only dots before
 * it.
 */
export function extensionOf(filename: string): string {
  const at = filename.lastIndexOf('.');
  return /[^.]/.test(filename.slice(0, Math.max(at, 0))) ? filename.slice(at + 1).toLowerCase() : '';
}

/**
 * The content type that a file name's extension stands for; undefined for one that Sluice could not verify.
 */
export function typeByExtension(filename: string): string | undefined {
  const extension = extensionOf(filename);
  return BY_EXTENSION.get(extension) ?? ownTypeByExtension(extension);
}

/**
 * The type that a file is declared as: what was said of it, by its canonical name, if Sluice knows such a
 * type; else what its extension stands for. Browsers know no type for many extensions and then say
 * `application/octet-stream` or nothing at all, and some systems have a name of their own (Excel's for CSV).
 * It is a claim like any other: the bytes decide. A type that neither names comes back as it was said.
 */
export function toDeclaredType({
  filename,
  contentType,
}: {
  readonly filename: string;
  readonly contentType: string;
}): string {
  const said = normaliseContentType(contentType);
  const byName = typeByExtension(filename);
  if (byName === undefined) return said;
  return isKnownType(said) && !rowOf(byName)?.misnomers?.includes(said) ? said : byName;
}

/** True for a text whose type says that it is UTF-8, and has no parameter to say another charset. */
export function isUtf8Only(type: string): boolean {
  return familyOf(type) === 'text' && !saysCharset(type);
}

// Subtitles in SubRip are of all encodings; the others that are not of `text/` are UTF-8 by their standards,
// or ASCII.
function saysCharset(type: string): boolean {
  return (type.startsWith('text/') && type !== 'text/vtt') || type === 'application/x-subrip';
}

/**
 * The Content-Type header to serve a verified type with: text says in which charset it is, so that nobody
 * guesses another.
 */
export function toServedType(type: string, charset: Charset = 'utf-8'): string {
  return saysCharset(type) ? `${type}; charset=${charset}` : type;
}
