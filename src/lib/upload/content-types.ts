import type { Charset } from './encoding.ts';

/**
 * Every content type whose claim Sluice can hold against a file's bytes, with the names and the extensions that go with
 * it. The one table for all rooms: service, Uppy's helper, command line and console. No policy can name another type.
 */
type Row = {
  /** how the bytes are judged */
  readonly family: Family;
  /** the extensions that stand for this type; the first is the one that a file without any is downloaded with */
  readonly extensions: readonly [string, ...string[]];
  /** extensions that stand for another type, and are right for this one too */
  readonly shares?: readonly string[];
  /** other names under which browsers and tools send the same type */
  readonly aliases?: readonly string[];
  /** names of other types that some systems give to files with these extensions */
  readonly misnomers?: readonly string[];
};

/**
 * - `text`: text in an encoding that the policy takes; JSON kinds are parsed as far as the bytes go
 * - `markup`: text that a browser would run; accepted only where a policy names it
 * - `media`: known by its magic bytes, and free of embedded markup
 * - `opaque`: known by its magic bytes
 */
export type Family = 'text' | 'markup' | 'media' | 'opaque';

const TABLE = {
  'image/jpeg': {
    family: 'media',
    extensions: ['jpg', 'jpeg', 'jpe', 'jfif', 'jif', 'pjpeg', 'pjp'],
    aliases: ['image/jpg', 'image/pjpeg'],
  },
  'image/png': { family: 'media', extensions: ['png'], shares: ['apng'], aliases: ['image/x-png'] },
  'image/apng': {
    family: 'media',
    extensions: ['apng'],
    shares: ['png'],
    aliases: ['image/vnd.mozilla.apng'],
  },
  'image/gif': { family: 'media', extensions: ['gif'] },
  'image/webp': { family: 'media', extensions: ['webp'] },
  'image/avif': { family: 'media', extensions: ['avif', 'avifs'], aliases: ['image/avif-sequence'] },
  'image/heic': {
    family: 'media',
    extensions: ['heic', 'heics', 'hif'],
    shares: ['heif'],
    aliases: ['image/heic-sequence'],
  },
  'image/heif': {
    family: 'media',
    extensions: ['heif', 'heifs'],
    shares: ['heic', 'heics', 'hif', 'avif', 'avifs'],
    aliases: ['image/heif-sequence'],
  },

  'audio/mpeg': {
    family: 'media',
    extensions: ['mp3', 'mpga', 'mp2', 'm2a', 'm3a'],
    aliases: ['audio/mp3', 'audio/x-mp3', 'audio/mpeg3', 'audio/x-mpeg'],
  },
  'audio/mp4': {
    family: 'media',
    extensions: ['m4a', 'm4b', 'm4r'],
    shares: ['mp4'],
    aliases: ['audio/m4a', 'audio/x-m4a', 'audio/x-m4b'],
  },
  'audio/wav': {
    family: 'media',
    extensions: ['wav', 'wave', 'bwf', 'rf64'],
    aliases: ['audio/wave', 'audio/x-wav', 'audio/vnd.wave'],
  },
  'audio/ogg': {
    family: 'media',
    extensions: ['ogg', 'oga', 'opus', 'spx'],
    aliases: ['audio/opus', 'audio/vorbis', 'audio/x-vorbis+ogg'],
  },
  'audio/flac': { family: 'media', extensions: ['flac'], aliases: ['audio/x-flac'] },
  'audio/webm': { family: 'media', extensions: ['weba'], shares: ['webm'] },
  'video/mp4': {
    family: 'media',
    extensions: ['mp4', 'm4v', 'mp4v', 'mpg4'],
    aliases: ['video/x-m4v'],
  },
  'video/quicktime': { family: 'media', extensions: ['mov', 'qt'] },
  'video/webm': { family: 'media', extensions: ['webm'] },
  'video/matroska': { family: 'media', extensions: ['mkv', 'mk3d'], aliases: ['video/x-matroska'] },
  'video/ogg': { family: 'media', extensions: ['ogv'], shares: ['ogg'], aliases: ['video/x-ogg'] },

  'application/pdf': { family: 'opaque', extensions: ['pdf'], aliases: ['application/x-pdf'] },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    family: 'opaque',
    extensions: ['docx'],
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    family: 'opaque',
    extensions: ['xlsx'],
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    family: 'opaque',
    extensions: ['pptx'],
  },
  'application/vnd.oasis.opendocument.text': { family: 'opaque', extensions: ['odt'] },
  'application/vnd.oasis.opendocument.spreadsheet': { family: 'opaque', extensions: ['ods'] },
  'application/vnd.oasis.opendocument.presentation': { family: 'opaque', extensions: ['odp'] },
  'application/vnd.apache.parquet': {
    family: 'opaque',
    extensions: ['parquet', 'parq', 'pq'],
    aliases: ['application/parquet', 'application/x-parquet'],
  },
  'application/zip': {
    family: 'opaque',
    extensions: ['zip'],
    aliases: ['application/x-zip', 'application/x-zip-compressed'],
  },
  'application/gzip': {
    family: 'opaque',
    extensions: ['gz', 'tgz', 'taz', 'gzip'],
    aliases: ['application/x-gzip', 'application/x-tgz', 'application/x-compressed-tar'],
  },
  'application/x-tar': { family: 'opaque', extensions: ['tar'], aliases: ['application/tar'] },
  'application/zstd': { family: 'opaque', extensions: ['zst', 'tzst'], aliases: ['application/x-zstd'] },
  'application/x-7z-compressed': { family: 'opaque', extensions: ['7z'] },
  'application/x-bzip2': {
    family: 'opaque',
    extensions: ['bz2', 'tbz2', 'tbz', 'tb2'],
    aliases: ['application/bzip2', 'application/x-bzip', 'application/x-bzip-compressed-tar'],
  },
  'application/x-xz': {
    family: 'opaque',
    extensions: ['xz', 'txz'],
    aliases: ['application/xz', 'application/x-xz-compressed-tar'],
  },

  'text/plain': {
    family: 'text',
    extensions: ['txt', 'text', 'log', 'asc', 'rst', 'tex', 'conf', 'cfg', 'ini', 'diff', 'patch'],
  },
  'text/markdown': {
    family: 'text',
    extensions: ['md', 'markdown', 'mdown', 'mkd'],
    aliases: ['text/x-markdown'],
  },
  'text/csv': {
    family: 'text',
    extensions: ['csv'],
    aliases: ['text/x-csv', 'text/comma-separated-values', 'application/csv', 'application/x-csv'],
    // Windows with Excel calls every CSV so.
    misnomers: ['application/vnd.ms-excel'],
  },
  'application/json': {
    family: 'text',
    extensions: ['json', 'geojson', 'jsonld', 'har'],
    aliases: ['text/json', 'application/x-json'],
  },
  'application/x-ndjson': {
    family: 'text',
    extensions: ['ndjson', 'jsonl', 'jsonlines'],
    aliases: [
      'application/ndjson',
      'application/jsonl',
      'application/x-jsonl',
      'application/jsonlines',
      'application/x-jsonlines',
    ],
  },

  'text/html': { family: 'markup', extensions: ['html', 'htm'] },
  'application/xhtml+xml': { family: 'markup', extensions: ['xhtml', 'xht'] },
  'application/xml': { family: 'markup', extensions: ['xml', 'xsd', 'rss', 'atom'], aliases: ['text/xml'] },
  'image/svg+xml': { family: 'markup', extensions: ['svg'], aliases: ['image/svg'] },
} as const satisfies Record<string, Row>;

/** A content type that Sluice can verify, by its canonical name. */
export type ContentType = keyof typeof TABLE;

const ROWS = Object.entries(TABLE) as readonly (readonly [ContentType, Row])[];

const ALIASES: ReadonlyMap<string, ContentType> = new Map(
  ROWS.flatMap(([type, { aliases = [] }]) => aliases.map((alias) => [alias, type] as const)),
);

const BY_EXTENSION: ReadonlyMap<string, ContentType> = new Map(
  ROWS.flatMap(([type, { extensions }]) => extensions.map((extension) => [extension, type] as const)),
);

/**
 * Brings a content type to the one name that Sluice uses for it: lower case, parameters dropped, aliases resolved
 * (`image/jpg` → `image/jpeg`). A type that Sluice does not know keeps its name. Repeating it changes nothing.
 */
export const normaliseContentType = (text: string): string => {
  const [type = ''] = text.split(';', 1);
  const name = type.trim().toLowerCase();
  return ALIASES.get(name) ?? name;
};

/** True for the canonical name of a type that Sluice can verify. */
export const isContentType = (type: string): type is ContentType => Object.hasOwn(TABLE, type);

const rowOf = (type: string): Row | undefined => (isContentType(type) ? TABLE[type] : undefined);

/** How the bytes of a type are judged; undefined for a type that Sluice cannot verify. */
export const familyOf = (type: string): Family | undefined => rowOf(type)?.family;

/**
 * The extensions that a file of a type may have, the one to give it first; none for a type that Sluice cannot verify.
 * Every text that a browser does not run is plain text as well, whatever else it is.
 */
export const extensionsOf = (type: string): readonly string[] => {
  const { extensions = [], shares = [] } = rowOf(type) ?? {};
  const texts =
    type === 'text/plain' ? ROWS.filter(([, { family }]) => family === 'text').map(([, row]) => row) : [];
  return [...new Set([...extensions, ...shares, ...texts.flatMap((row) => row.extensions)])];
};

/** What stands behind the last dot of a name, in lower case; empty where there is no dot, or only dots before it. */
export const extensionOf = (filename: string): string => {
  const at = filename.lastIndexOf('.');
  return /[^.]/.test(filename.slice(0, Math.max(at, 0))) ? filename.slice(at + 1).toLowerCase() : '';
};

/** The content type that a file name's extension stands for; undefined for one that Sluice could not verify. */
export const typeByExtension = (filename: string): ContentType | undefined =>
  BY_EXTENSION.get(extensionOf(filename));

/**
 * The type that a file is declared as: what was said of it, by its canonical name, if Sluice knows such a type; else
 * what its extension stands for. Browsers know no type for many extensions and then say `application/octet-stream` or
 * nothing at all, and some systems have a name of their own (Excel's for CSV). It is a claim like any other: the bytes
 * decide. A type that neither names comes back as it was said.
 */
export const toDeclaredType = ({
  filename,
  contentType,
}: {
  readonly filename: string;
  readonly contentType: string;
}): string => {
  const said = normaliseContentType(contentType);
  const byName = typeByExtension(filename);
  if (byName === undefined) return said;
  return isContentType(said) && !rowOf(byName)?.misnomers?.includes(said) ? said : byName;
};

/** The Content-Type header to serve a verified type with: text says in which charset it is, so that nobody guesses another. */
export const toServedType = (type: string, charset: Charset = 'utf-8'): string =>
  type.startsWith('text/') ? `${type}; charset=${charset}` : type;
