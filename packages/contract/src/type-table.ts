/**
 * Every content type whose claim Sluice can hold against a file's bytes, with the names and the extensions
 * that go with it. The one table for all rooms: service, Uppy's helper, command line and console. No policy
 * can name another type.
 */
export type Row = {
  /** how the bytes are judged */
  readonly family: Family;
  /**
   * the extensions that stand for this type; the first is the one that a file without any is downloaded with
   */
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

export const TYPES = {
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
  'image/tiff': { family: 'media', extensions: ['tif', 'tiff'], aliases: ['image/tif', 'image/x-tiff'] },
  'image/bmp': {
    family: 'media',
    extensions: ['bmp', 'dib'],
    aliases: ['image/x-bmp', 'image/x-ms-bmp', 'image/x-windows-bmp'],
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
  'audio/aac': {
    family: 'media',
    extensions: ['aac', 'adts'],
    aliases: ['audio/aacp', 'audio/x-aac', 'audio/x-hx-aac-adts'],
  },
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
  'video/3gpp': { family: 'media', extensions: ['3gp', '3gpp'], aliases: ['audio/3gpp', 'video/3gp'] },
  'video/3gpp2': { family: 'media', extensions: ['3g2', '3gpp2'], aliases: ['audio/3gpp2', 'video/3g2'] },
  'video/x-msvideo': {
    family: 'media',
    extensions: ['avi'],
    aliases: ['video/avi', 'video/msvideo', 'video/vnd.avi'],
  },

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
  'application/vnd.openxmlformats-officedocument.wordprocessingml.template': {
    family: 'opaque',
    extensions: ['dotx'],
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.template': {
    family: 'opaque',
    extensions: ['xltx'],
  },
  'application/vnd.openxmlformats-officedocument.presentationml.template': {
    family: 'opaque',
    extensions: ['potx'],
  },
  'application/vnd.openxmlformats-officedocument.presentationml.slideshow': {
    family: 'opaque',
    extensions: ['ppsx'],
  },
  // With macros: what runs when such a file is opened, nobody here looks at.
  'application/vnd.ms-word.document.macroenabled.12': { family: 'opaque', extensions: ['docm'] },
  'application/vnd.ms-excel.sheet.macroenabled.12': { family: 'opaque', extensions: ['xlsm'] },
  'application/vnd.ms-excel.sheet.binary.macroenabled.12': { family: 'opaque', extensions: ['xlsb'] },
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': { family: 'opaque', extensions: ['pptm'] },
  // Before 2007, with macros or without: their names do not say.
  'application/msword': {
    family: 'opaque',
    extensions: ['doc'],
    aliases: ['application/vnd.ms-word', 'application/x-msword'],
  },
  'application/vnd.ms-excel': {
    family: 'opaque',
    extensions: ['xls', 'xlt'],
    aliases: ['application/msexcel', 'application/x-msexcel', 'application/x-excel'],
  },
  'application/vnd.ms-powerpoint': {
    family: 'opaque',
    extensions: ['ppt', 'pps'],
    aliases: ['application/mspowerpoint', 'application/x-mspowerpoint'],
  },
  'application/vnd.ms-outlook': { family: 'opaque', extensions: ['msg'] },
  'application/rtf': {
    family: 'opaque',
    extensions: ['rtf'],
    aliases: ['text/rtf', 'text/richtext', 'application/x-rtf'],
  },
  'application/epub+zip': { family: 'opaque', extensions: ['epub'] },
  'application/vnd.oasis.opendocument.text': { family: 'opaque', extensions: ['odt'] },
  'application/vnd.oasis.opendocument.spreadsheet': { family: 'opaque', extensions: ['ods'] },
  'application/vnd.oasis.opendocument.presentation': { family: 'opaque', extensions: ['odp'] },
  'application/vnd.oasis.opendocument.graphics': { family: 'opaque', extensions: ['odg'] },
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
  'application/java-archive': {
    family: 'opaque',
    extensions: ['jar'],
    aliases: ['application/x-java-archive'],
  },
  'application/vnd.android.package-archive': { family: 'opaque', extensions: ['apk'] },

  'font/woff': {
    family: 'opaque',
    extensions: ['woff'],
    aliases: ['application/font-woff', 'application/x-font-woff'],
  },
  'font/woff2': { family: 'opaque', extensions: ['woff2'], aliases: ['application/font-woff2'] },
  'font/ttf': {
    family: 'opaque',
    extensions: ['ttf'],
    aliases: ['application/x-font-ttf', 'application/font-sfnt', 'font/sfnt'],
  },
  'font/otf': {
    family: 'opaque',
    extensions: ['otf'],
    shares: ['ttf'],
    aliases: ['application/x-font-otf', 'application/vnd.ms-opentype'],
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
    extensions: ['json', 'jsonld', 'har'],
    shares: ['geojson'],
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
  'text/tab-separated-values': { family: 'text', extensions: ['tsv'], aliases: ['text/tsv'] },
  'application/geo+json': { family: 'text', extensions: ['geojson'], aliases: ['application/vnd.geo+json'] },
  'application/yaml': {
    family: 'text',
    extensions: ['yaml', 'yml'],
    aliases: ['application/x-yaml', 'text/yaml', 'text/x-yaml'],
  },
  'application/toml': { family: 'text', extensions: ['toml'], aliases: ['application/x-toml', 'text/toml'] },
  'text/calendar': { family: 'text', extensions: ['ics', 'ifb'], aliases: ['application/ics'] },
  'text/vcard': { family: 'text', extensions: ['vcf', 'vcard'], aliases: ['text/x-vcard', 'text/directory'] },
  'text/vtt': { family: 'text', extensions: ['vtt'], aliases: ['text/webvtt'] },
  'application/x-subrip': {
    family: 'text',
    extensions: ['srt'],
    aliases: ['application/srt', 'text/srt', 'text/x-subrip'],
  },
  'message/rfc822': { family: 'text', extensions: ['eml'] },

  'text/html': { family: 'markup', extensions: ['html', 'htm'] },
  'application/xhtml+xml': { family: 'markup', extensions: ['xhtml', 'xht'] },
  'application/xml': { family: 'markup', extensions: ['xml', 'xsd', 'rss', 'atom'], aliases: ['text/xml'] },
  'image/svg+xml': { family: 'markup', extensions: ['svg'], aliases: ['image/svg'] },
} as const satisfies Record<string, Row>;
