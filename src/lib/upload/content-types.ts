/**
 * Every content type whose claim Sluice can hold against a file's bytes; no policy can name another.
 * A row: how the bytes are judged, then the other names under which browsers and tools send the same type.
 *
 * - `text`: valid UTF-8 without control bytes; JSON kinds are parsed as far as the bytes go
 * - `markup`: text that a browser would run; accepted only where a policy names it
 * - `media`: known by its magic bytes, and free of embedded markup
 * - `opaque`: known by its magic bytes
 */
const TABLE = {
  'image/jpeg': ['media', 'image/jpg', 'image/pjpeg'],
  'image/png': ['media', 'image/x-png'],
  'image/apng': ['media'],
  'image/gif': ['media'],
  'image/webp': ['media'],
  'image/avif': ['media'],
  'image/heic': ['media'],
  'image/heif': ['media'],

  'audio/mpeg': ['media', 'audio/mp3', 'audio/x-mp3', 'audio/mpeg3', 'audio/x-mpeg'],
  'audio/mp4': ['media', 'audio/m4a', 'audio/x-m4a'],
  'audio/wav': ['media', 'audio/wave', 'audio/x-wav', 'audio/vnd.wave'],
  'audio/ogg': ['media', 'audio/opus', 'audio/vorbis'],
  'audio/flac': ['media', 'audio/x-flac'],
  'audio/webm': ['media'],
  'video/mp4': ['media', 'video/x-m4v'],
  'video/quicktime': ['media'],
  'video/webm': ['media'],
  'video/matroska': ['media', 'video/x-matroska'],
  'video/ogg': ['media'],

  'application/pdf': ['opaque', 'application/x-pdf'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['opaque'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['opaque'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['opaque'],
  'application/vnd.oasis.opendocument.text': ['opaque'],
  'application/vnd.oasis.opendocument.spreadsheet': ['opaque'],
  'application/vnd.oasis.opendocument.presentation': ['opaque'],
  'application/vnd.apache.parquet': ['opaque', 'application/parquet', 'application/x-parquet'],
  'application/zip': ['opaque', 'application/x-zip', 'application/x-zip-compressed'],
  'application/gzip': ['opaque', 'application/x-gzip', 'application/x-tgz', 'application/x-compressed-tar'],
  'application/x-tar': ['opaque', 'application/tar'],
  'application/zstd': ['opaque', 'application/x-zstd'],
  'application/x-7z-compressed': ['opaque'],
  'application/x-bzip2': ['opaque', 'application/bzip2', 'application/x-bzip'],
  'application/x-xz': ['opaque', 'application/xz'],

  'text/plain': ['text'],
  'text/markdown': ['text', 'text/x-markdown'],
  'text/csv': ['text', 'text/x-csv', 'text/comma-separated-values', 'application/csv', 'application/x-csv'],
  'application/json': ['text', 'text/json', 'application/x-json'],
  'application/x-ndjson': [
    'text',
    'application/ndjson',
    'application/jsonl',
    'application/x-jsonl',
    'application/jsonlines',
    'application/x-jsonlines',
  ],

  'text/html': ['markup'],
  'application/xhtml+xml': ['markup'],
  'application/xml': ['markup', 'text/xml'],
  'image/svg+xml': ['markup', 'image/svg'],
} as const satisfies Record<string, readonly [Family, ...string[]]>;

export type Family = 'text' | 'markup' | 'media' | 'opaque';

/** A content type that Sluice can verify, by its canonical name. */
export type ContentType = keyof typeof TABLE;

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries(TABLE).flatMap(([type, [, ...aliases]]) => aliases.map((alias) => [alias, type] as const)),
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

/** How the bytes of a type are judged; undefined for a type that Sluice cannot verify. */
export const familyOf = (type: string): Family | undefined =>
  isContentType(type) ? TABLE[type][0] : undefined;

/** The Content-Type header to serve a verified type with: text says that it is UTF-8, so that nobody guesses another. */
export const toServedType = (type: string): string =>
  type.startsWith('text/') ? `${type}; charset=utf-8` : type;
