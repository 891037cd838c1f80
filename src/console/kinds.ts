import { type ContentType, isContentType, normaliseContentType } from '../lib/upload/content-types.ts';

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
  'application/vnd.oasis.opendocument.text': ['ODT', 'OpenDocument text', 'document'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ODS', 'OpenDocument spreadsheet', 'document'],
  'application/vnd.oasis.opendocument.presentation': ['ODP', 'OpenDocument presentation', 'document'],
  'text/plain': ['TXT', 'Plain text', 'document'],
  'text/markdown': ['MD', 'Markdown text', 'document'],
  'text/html': ['HTML', 'HTML page', 'document'],
  'application/xhtml+xml': ['HTML', 'XHTML page', 'document'],

  'text/csv': ['CSV', 'CSV table', 'data'],
  'application/json': ['JSON', 'JSON data', 'data'],
  'application/x-ndjson': ['JSON', 'JSON lines', 'data'],
  'application/vnd.apache.parquet': ['PARQ', 'Parquet table', 'data'],
  'application/xml': ['XML', 'XML data', 'data'],

  'application/zip': ['ZIP', 'ZIP archive', 'archive'],
  'application/gzip': ['GZ', 'Gzip archive', 'archive'],
  'application/x-tar': ['TAR', 'Tar archive', 'archive'],
  'application/zstd': ['ZST', 'Zstandard archive', 'archive'],
  'application/x-7z-compressed': ['7Z', '7-Zip archive', 'archive'],
  'application/x-bzip2': ['BZ2', 'Bzip2 archive', 'archive'],
  'application/x-xz': ['XZ', 'XZ archive', 'archive'],

  'audio/mpeg': ['MP3', 'MP3 audio', 'media'],
  'audio/mp4': ['M4A', 'MPEG-4 audio', 'media'],
  'audio/wav': ['WAV', 'WAV audio', 'media'],
  'audio/ogg': ['OGG', 'Ogg audio', 'media'],
  'audio/flac': ['FLAC', 'FLAC audio', 'media'],
  'audio/webm': ['WEBM', 'WebM audio', 'media'],
  'video/mp4': ['MP4', 'MPEG-4 video', 'media'],
  'video/quicktime': ['MOV', 'QuickTime video', 'media'],
  'video/webm': ['WEBM', 'WebM video', 'media'],
  'video/matroska': ['MKV', 'Matroska video', 'media'],
  'video/ogg': ['OGV', 'Ogg video', 'media'],
};

/** How to show a type. One that is not known is shown by its own name. */
export const kindOf = (type: string): Kind => {
  const known = normaliseContentType(type);
  if (!isContentType(known)) return { label: '?', title: known || 'unknown type', family: 'other' };
  const [label, title, family] = KINDS[known];
  return { label, title, family };
};
