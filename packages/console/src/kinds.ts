import { type ContentType, isContentType, normaliseContentType } from '@sluice/contract/content-types';

/** How a content type is shown: in a tile, in words, in a colour. */
export type Kind = { readonly label: string; readonly title: string; readonly family: Family };
export type Family = 'image' | 'document' | 'data' | 'archive' | 'media' | 'other';

type Row = readonly [label: string, title: string, family: Family];

const KINDS: Readonly<Record<ContentType, Row>> = {
  'image/jpeg': ['JPG', 'JPEG image', 'image'],
  'image/png': ['PNG', 'PNG image', 'image'],
  'image/apng': ['PNG', 'Animated PNG image', 'image'],
  'image/gif': ['GIF', 'GIF image', 'image'],
  'image/webp': ['WEBP', 'WebP image', 'image'],
  'image/avif': ['AVIF', 'AVIF image', 'image'],
  'image/heic': ['HEIC', 'HEIC image', 'image'],
  'image/heif': ['HEIF', 'HEIF image', 'image'],
  'image/tiff': ['TIFF', 'TIFF image', 'image'],
  'image/bmp': ['BMP', 'Bitmap image', 'image'],
  'image/svg+xml': ['SVG', 'SVG drawing', 'image'],

  'application/pdf': ['PDF', 'PDF document', 'document'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': [
    'DOCX',
    'Word document',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['XLSX', 'Excel workbook', 'document'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': [
    'PPTX',
    'PowerPoint presentation',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.template': [
    'DOTX',
    'Word template',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.template': [
    'XLTX',
    'Excel template',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.presentationml.template': [
    'POTX',
    'PowerPoint template',
    'document',
  ],
  'application/vnd.openxmlformats-officedocument.presentationml.slideshow': [
    'PPSX',
    'PowerPoint show',
    'document',
  ],
  'application/vnd.ms-word.document.macroenabled.12': ['DOCM', 'Word document with macros', 'document'],
  'application/vnd.ms-excel.sheet.macroenabled.12': ['XLSM', 'Excel workbook with macros', 'document'],
  'application/vnd.ms-excel.sheet.binary.macroenabled.12': ['XLSB', 'Excel binary workbook', 'document'],
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': [
    'PPTM',
    'PowerPoint presentation with macros',
    'document',
  ],
  'application/msword': ['DOC', 'Word document (before 2007)', 'document'],
  'application/vnd.ms-excel': ['XLS', 'Excel workbook (before 2007)', 'document'],
  'application/vnd.ms-powerpoint': ['PPT', 'PowerPoint presentation (before 2007)', 'document'],
  'application/vnd.ms-outlook': ['MSG', 'Outlook message', 'document'],
  'application/rtf': ['RTF', 'RTF document', 'document'],
  'application/epub+zip': ['EPUB', 'EPUB book', 'document'],
  'application/vnd.oasis.opendocument.text': ['ODT', 'OpenDocument text', 'document'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ODS', 'OpenDocument spreadsheet', 'document'],
  'application/vnd.oasis.opendocument.presentation': ['ODP', 'OpenDocument presentation', 'document'],
  'text/plain': ['TXT', 'Plain text', 'document'],
  'text/markdown': ['MD', 'Markdown text', 'document'],
  'application/vnd.oasis.opendocument.graphics': ['ODG', 'OpenDocument drawing', 'document'],
  'message/rfc822': ['EML', 'Mail message', 'document'],
  'text/calendar': ['ICS', 'Calendar', 'document'],
  'text/vcard': ['VCF', 'Contact', 'document'],
  'text/html': ['HTML', 'HTML page', 'document'],
  'application/xhtml+xml': ['HTML', 'XHTML page', 'document'],

  'text/csv': ['CSV', 'CSV table', 'data'],
  'application/json': ['JSON', 'JSON data', 'data'],
  'application/x-ndjson': ['JSON', 'JSON lines', 'data'],
  'application/vnd.apache.parquet': ['PARQ', 'Parquet table', 'data'],
  'text/tab-separated-values': ['TSV', 'Table, separated by tabs', 'data'],
  'application/geo+json': ['GEO', 'GeoJSON map data', 'data'],
  'application/yaml': ['YAML', 'YAML data', 'data'],
  'application/toml': ['TOML', 'TOML data', 'data'],
  'application/xml': ['XML', 'XML data', 'data'],

  'application/zip': ['ZIP', 'ZIP archive', 'archive'],
  'application/gzip': ['GZ', 'Gzip archive', 'archive'],
  'application/x-tar': ['TAR', 'Tar archive', 'archive'],
  'application/zstd': ['ZST', 'Zstandard archive', 'archive'],
  'application/x-7z-compressed': ['7Z', '7-Zip archive', 'archive'],
  'application/x-bzip2': ['BZ2', 'Bzip2 archive', 'archive'],
  'application/x-xz': ['XZ', 'XZ archive', 'archive'],
  'application/java-archive': ['JAR', 'Java archive', 'archive'],
  'application/vnd.android.package-archive': ['APK', 'Android package', 'archive'],

  'audio/mpeg': ['MP3', 'MP3 audio', 'media'],
  'audio/mp4': ['M4A', 'MPEG-4 audio', 'media'],
  'audio/wav': ['WAV', 'WAV audio', 'media'],
  'audio/ogg': ['OGG', 'Ogg audio', 'media'],
  'audio/flac': ['FLAC', 'FLAC audio', 'media'],
  'audio/webm': ['WEBM', 'WebM audio', 'media'],
  'audio/aac': ['AAC', 'AAC audio', 'media'],
  'video/mp4': ['MP4', 'MPEG-4 video', 'media'],
  'video/quicktime': ['MOV', 'QuickTime video', 'media'],
  'video/webm': ['WEBM', 'WebM video', 'media'],
  'video/matroska': ['MKV', 'Matroska video', 'media'],
  'video/ogg': ['OGV', 'Ogg video', 'media'],
  'video/3gpp': ['3GP', '3GPP video', 'media'],
  'video/3gpp2': ['3G2', '3GPP2 video', 'media'],
  'video/x-msvideo': ['AVI', 'AVI video', 'media'],
  'text/vtt': ['VTT', 'WebVTT subtitles', 'media'],
  'application/x-subrip': ['SRT', 'SubRip subtitles', 'media'],

  'font/woff': ['WOFF', 'WOFF font', 'other'],
  'font/woff2': ['WOFF', 'WOFF2 font', 'other'],
  'font/ttf': ['TTF', 'TrueType font', 'other'],
  'font/otf': ['OTF', 'OpenType font', 'other'],
};

/** How to show a type. One that is not known is shown by its own name. */
export function kindOf(type: string): Kind {
  const known = normaliseContentType(type);
  if (!isContentType(known)) return { label: '?', title: known || 'unknown type', family: 'other' };
  const [label, title, family] = KINDS[known];
  return { label, title, family };
}
