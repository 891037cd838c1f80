import {
  type ContentType,
  extensionsOf,
  isContentType,
  normaliseContentType,
} from '@sluice/contract/content-types';

/** How a content type is shown: in a tile, in words, in a colour. */
export type Kind = { readonly label: string; readonly title: string; readonly family: Family };
export type Family = 'image' | 'document' | 'data' | 'archive' | 'media' | 'other';

type Row = readonly [title: string, family: Family];

// Where the first extension of a type does not fit into a tile, or says less.
const LABELS: Readonly<Partial<Record<ContentType, string>>> = {
  'image/apng': 'PNG',
  'image/tiff': 'TIFF',
  'application/xhtml+xml': 'HTML',
  'application/x-ndjson': 'JSON',
  'application/vnd.apache.parquet': 'PARQ',
  'application/geo+json': 'GEO',
  'audio/webm': 'WEBM',
  'font/woff2': 'WOFF',
};

// Words and colours only: types, their extensions and their aliases stand in the contract's table. These
// would weigh on every function that has the table, and only people read them.
const KINDS: Readonly<Record<ContentType, Row>> = {
  'image/jpeg': ['JPEG image', 'image'],
  'image/png': ['PNG image', 'image'],
  'image/apng': ['Animated PNG image', 'image'],
  'image/gif': ['GIF image', 'image'],
  'image/webp': ['WebP image', 'image'],
  'image/avif': ['AVIF image', 'image'],
  'image/heic': ['HEIC image', 'image'],
  'image/heif': ['HEIF image', 'image'],
  'image/tiff': ['TIFF image', 'image'],
  'image/bmp': ['Bitmap image', 'image'],
  'image/svg+xml': ['SVG drawing', 'image'],

  'application/pdf': ['PDF document', 'document'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['Word document', 'document'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['Excel workbook', 'document'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': [
    'PowerPoint presentation',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.template': ['Word template', 'document'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.template': ['Excel template', 'document'],
  'application/vnd.openxmlformats-officedocument.presentationml.template': [
    'PowerPoint template',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.presentationml.slideshow': ['PowerPoint show', 'document'],
  'application/vnd.ms-word.document.macroenabled.12': ['Word document with macros', 'document'],
  'application/vnd.ms-excel.sheet.macroenabled.12': ['Excel workbook with macros', 'document'],
  'application/vnd.ms-excel.sheet.binary.macroenabled.12': ['Excel binary workbook', 'document'],
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': [
    'PowerPoint presentation with macros',
    'document',
  ],
  'application/msword': ['Word document (before 2007)', 'document'],
  'application/vnd.ms-excel': ['Excel workbook (before 2007)', 'document'],
  'application/vnd.ms-powerpoint': ['PowerPoint presentation (before 2007)', 'document'],
  'application/vnd.ms-outlook': ['Outlook message', 'document'],
  'application/rtf': ['RTF document', 'document'],
  'application/epub+zip': ['EPUB book', 'document'],
  'application/vnd.oasis.opendocument.text': ['OpenDocument text', 'document'],
  'application/vnd.oasis.opendocument.spreadsheet': ['OpenDocument spreadsheet', 'document'],
  'application/vnd.oasis.opendocument.presentation': ['OpenDocument presentation', 'document'],
  'text/plain': ['Plain text', 'document'],
  'text/markdown': ['Markdown text', 'document'],
  'application/vnd.oasis.opendocument.graphics': ['OpenDocument drawing', 'document'],
  'message/rfc822': ['Mail message', 'document'],
  'text/calendar': ['Calendar', 'document'],
  'text/vcard': ['Contact', 'document'],
  'text/html': ['HTML page', 'document'],
  'application/xhtml+xml': ['XHTML page', 'document'],

  'text/csv': ['CSV table', 'data'],
  'application/json': ['JSON data', 'data'],
  'application/x-ndjson': ['JSON lines', 'data'],
  'application/vnd.apache.parquet': ['Parquet table', 'data'],
  'text/tab-separated-values': ['Table, separated by tabs', 'data'],
  'application/geo+json': ['GeoJSON map data', 'data'],
  'application/yaml': ['YAML data', 'data'],
  'application/toml': ['TOML data', 'data'],
  'application/xml': ['XML data', 'data'],

  'application/zip': ['ZIP archive', 'archive'],
  'application/gzip': ['Gzip archive', 'archive'],
  'application/x-tar': ['Tar archive', 'archive'],
  'application/zstd': ['Zstandard archive', 'archive'],
  'application/x-7z-compressed': ['7-Zip archive', 'archive'],
  'application/x-bzip2': ['Bzip2 archive', 'archive'],
  'application/x-xz': ['XZ archive', 'archive'],
  'application/java-archive': ['Java archive', 'archive'],
  'application/vnd.android.package-archive': ['Android package', 'archive'],

  'audio/mpeg': ['MP3 audio', 'media'],
  'audio/mp4': ['MPEG-4 audio', 'media'],
  'audio/wav': ['WAV audio', 'media'],
  'audio/ogg': ['Ogg audio', 'media'],
  'audio/flac': ['FLAC audio', 'media'],
  'audio/webm': ['WebM audio', 'media'],
  'audio/aac': ['AAC audio', 'media'],
  'video/mp4': ['MPEG-4 video', 'media'],
  'video/quicktime': ['QuickTime video', 'media'],
  'video/webm': ['WebM video', 'media'],
  'video/matroska': ['Matroska video', 'media'],
  'video/ogg': ['Ogg video', 'media'],
  'video/3gpp': ['3GPP video', 'media'],
  'video/3gpp2': ['3GPP2 video', 'media'],
  'video/x-msvideo': ['AVI video', 'media'],
  'text/vtt': ['WebVTT subtitles', 'media'],
  'application/x-subrip': ['SubRip subtitles', 'media'],

  'font/woff': ['WOFF font', 'other'],
  'font/woff2': ['WOFF2 font', 'other'],
  'font/ttf': ['TrueType font', 'other'],
  'font/otf': ['OpenType font', 'other'],
};

/** How to show a type. One that is not known is shown by its own name. */
export function kindOf(type: string): Kind {
  const known = normaliseContentType(type);
  if (!isContentType(known)) return { label: '?', title: known || 'unknown type', family: 'other' };
  const [title, family] = KINDS[known];
  const [extension = '?'] = extensionsOf(known);
  return { label: LABELS[known] ?? extension.toUpperCase(), title, family };
}
