import { type ContentType, isContentType, normaliseContentType } from '../lib/upload/content-types.ts';

/** How a content type is shown: in a tile, in words, in a colour. */
export type Kind = { readonly label: string; readonly title: string; readonly family: Family };
export type Family = 'image' | 'document' | 'data' | 'archive' | 'media' | 'other';

type Row = readonly [label: string, title: string, family: Family, ...extensions: string[]];

const KINDS: Readonly<Record<ContentType, Row>> = {
  'image/jpeg': ['JPG', 'JPEG image', 'image', 'jpg', 'jpeg', 'jfif'],
  'image/png': ['PNG', 'PNG image', 'image', 'png'],
  'image/apng': ['PNG', 'Animated PNG image', 'image', 'apng'],
  'image/gif': ['GIF', 'GIF image', 'image', 'gif'],
  'image/webp': ['WEBP', 'WebP image', 'image', 'webp'],
  'image/avif': ['AVIF', 'AVIF image', 'image', 'avif'],
  'image/heic': ['HEIC', 'HEIC image', 'image', 'heic'],
  'image/heif': ['HEIF', 'HEIF image', 'image', 'heif'],
  'image/svg+xml': ['SVG', 'SVG drawing', 'image', 'svg'],

  'application/pdf': ['PDF', 'PDF document', 'document', 'pdf'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': [
    'DOCX',
    'Word document',
    'document',
    'docx',
  ],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': [
    'XLSX',
    'Excel workbook',
    'document',
    'xlsx',
  ],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': [
    'PPTX',
    'PowerPoint presentation',
    'document',
    'pptx',
  ],
  'application/vnd.oasis.opendocument.text': ['ODT', 'OpenDocument text', 'document', 'odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ODS', 'OpenDocument spreadsheet', 'document', 'ods'],
  'application/vnd.oasis.opendocument.presentation': ['ODP', 'OpenDocument presentation', 'document', 'odp'],
  'text/plain': ['TXT', 'Plain text', 'document', 'txt', 'log'],
  'text/markdown': ['MD', 'Markdown text', 'document', 'md', 'markdown'],
  'text/html': ['HTML', 'HTML page', 'document', 'html', 'htm'],
  'application/xhtml+xml': ['HTML', 'XHTML page', 'document', 'xhtml'],

  'text/csv': ['CSV', 'CSV table', 'data', 'csv'],
  'application/json': ['JSON', 'JSON data', 'data', 'json'],
  'application/x-ndjson': ['JSON', 'JSON lines', 'data', 'ndjson', 'jsonl'],
  'application/vnd.apache.parquet': ['PARQ', 'Parquet table', 'data', 'parquet'],
  'application/xml': ['XML', 'XML data', 'data', 'xml'],

  'application/zip': ['ZIP', 'ZIP archive', 'archive', 'zip'],
  'application/gzip': ['GZ', 'Gzip archive', 'archive', 'gz', 'tgz'],
  'application/x-tar': ['TAR', 'Tar archive', 'archive', 'tar'],
  'application/zstd': ['ZST', 'Zstandard archive', 'archive', 'zst'],
  'application/x-7z-compressed': ['7Z', '7-Zip archive', 'archive', '7z'],
  'application/x-bzip2': ['BZ2', 'Bzip2 archive', 'archive', 'bz2'],
  'application/x-xz': ['XZ', 'XZ archive', 'archive', 'xz'],

  'audio/mpeg': ['MP3', 'MP3 audio', 'media', 'mp3'],
  'audio/mp4': ['M4A', 'MPEG-4 audio', 'media', 'm4a'],
  'audio/wav': ['WAV', 'WAV audio', 'media', 'wav'],
  'audio/ogg': ['OGG', 'Ogg audio', 'media', 'oga', 'ogg', 'opus'],
  'audio/flac': ['FLAC', 'FLAC audio', 'media', 'flac'],
  'audio/webm': ['WEBM', 'WebM audio', 'media', 'weba'],
  'video/mp4': ['MP4', 'MPEG-4 video', 'media', 'mp4', 'm4v'],
  'video/quicktime': ['MOV', 'QuickTime video', 'media', 'mov', 'qt'],
  'video/webm': ['WEBM', 'WebM video', 'media', 'webm'],
  'video/matroska': ['MKV', 'Matroska video', 'media', 'mkv'],
  'video/ogg': ['OGV', 'Ogg video', 'media', 'ogv'],
};

/** How to show a type. One that is not known is shown by its own name. */
export const kindOf = (type: string): Kind => {
  const known = normaliseContentType(type);
  if (!isContentType(known)) return { label: '?', title: known || 'unknown type', family: 'other' };
  const [label, title, family] = KINDS[known];
  return { label, title, family };
};

const BY_EXTENSION = new Map(
  Object.entries(KINDS).flatMap(([type, [, , , ...extensions]]) =>
    extensions.map((extension) => [extension, type] as const),
  ),
);

/**
 * The type to declare for a picked file: what the browser says if Sluice knows it, else what the name's ending says.
 * Browsers do not know some endings at all, and call `.csv` a spreadsheet where one is installed.
 */
export const declaredTypeOf = ({ name, type }: { readonly name: string; readonly type: string }): string => {
  const said = normaliseContentType(type);
  const byName = BY_EXTENSION.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
  return isContentType(said) ? said : (byName ?? (said || 'application/octet-stream'));
};
