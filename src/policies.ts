import { defineTypes } from '@sluice/contract/own-types';
import type { ReaderRules } from '@sluice/contract/policy-rules';
import type { Policies } from './lib/upload/policy.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/**
 * Types that Sluice does not know by itself, recognised by their magic bytes and their structure. The
 * policies below can name what is defined here: docs/configuration.md, "Types of your own".
 */
export const ownTypes = defineTypes({});

/**
 * A client may let everybody of its tenant read a file, who then find it in their listings. `anyone` is for
 * you to add: from then on, whoever may upload may publish.
 */
const READERS: ReaderRules = { allowed: ['owner', 'tenant'], default: 'owner', listed: true };

/**
 * What may be uploaded. This is the file to edit: rename, remove and add policies as your app needs them,
 * then deploy.
 *
 * - A client names a policy, or gets the first one below that accepts its file's type: order matters.
 * - A type that is in no policy is refused before a byte is sent.
 * - Only types that the bytes can prove compile; packages/contract/src/type-table.ts lists them.
 * - `text/html`, `image/svg+xml` and the XML types carry scripts. They are refused unless a policy names
 *   them, and are always downloaded, never shown in the page.
 * - No policy below accepts files that can carry macros or that run when they are opened: Office files with
 *   macros or from before 2007, RTF, mail, JAR and APK. Name their types if you need them.
 * - `minBytes: 0` accepts empty files of formats in which they exist: text, CSV, TSV, NDJSON, YAML and TOML.
 * - Text is UTF-8, or in one of the policy's `encodings`, and is served with its charset. JSON is UTF-8.
 * - If you remove or narrow a policy, uploads that were requested under it and have not arrived yet can be
 *   rejected.
 * - An upload has to begin before its URL expires, and its last byte has to arrive within the grace period
 *   after that (`expiryGraceInSeconds`, an hour). Then the upload expires, and what arrives later is removed.
 *   In parts it has four days.
 */
export const policies: Policies<keyof typeof ownTypes> = {
  images: {
    title: 'Pictures',
    types: [
      'image/jpeg',
      'image/png',
      'image/gif',
      'image/webp',
      'image/avif',
      'image/heic',
      'image/heif',
      'image/bmp',
    ],
    minBytes: 1,
    maxBytes: 25 * MiB,
    checksum: 'optional',
    urlExpiresInSeconds: 15 * 60,
    readers: READERS,
    inline: true,
  },

  documents: {
    title: 'Documents',
    types: [
      'application/pdf',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
      'application/vnd.oasis.opendocument.text',
      'application/vnd.oasis.opendocument.spreadsheet',
      'application/vnd.oasis.opendocument.presentation',
      'application/vnd.oasis.opendocument.graphics',
      'application/epub+zip',
      'image/tiff', // scans and faxes; most browsers do not show it as a picture
      'text/plain',
      'text/markdown',
    ],
    encodings: ['utf-16', 'windows-1252'], // as Notepad and Excel write text on Windows
    minBytes: 1,
    maxBytes: 100 * MiB,
    checksum: 'optional',
    urlExpiresInSeconds: 15 * 60,
    readers: READERS,
  },

  data: {
    title: 'Data: CSV, TSV, JSON, NDJSON, GeoJSON, YAML, TOML, Parquet',
    types: [
      'text/csv',
      'text/tab-separated-values',
      'application/json',
      'application/x-ndjson',
      'application/geo+json',
      'application/yaml',
      'application/toml',
      'application/vnd.apache.parquet',
    ],
    encodings: ['utf-16', 'windows-1252'], // as Excel for Windows writes CSV
    minBytes: 0, // an export with no rows is a good export
    maxBytes: 5 * GiB,
    checksum: 'optional',
    urlExpiresInSeconds: 60 * 60,
    readers: READERS,
  },

  archives: {
    title: 'Archives',
    types: [
      'application/zip',
      'application/gzip',
      'application/x-tar',
      'application/zstd',
      'application/x-7z-compressed',
      'application/x-bzip2',
      'application/x-xz',
    ],
    minBytes: 1,
    maxBytes: 5 * GiB,
    checksum: 'optional',
    urlExpiresInSeconds: 60 * 60,
    readers: READERS,
  },

  media: {
    title: 'Video, audio and subtitles',
    types: [
      'video/mp4',
      'video/quicktime',
      'video/webm',
      'video/matroska',
      'video/ogg',
      'audio/mpeg',
      'audio/mp4',
      'audio/wav',
      'audio/ogg',
      'audio/webm',
      'audio/flac',
      'audio/aac',
      'video/3gpp',
      'video/3gpp2',
      'video/x-msvideo',
      'text/vtt',
      'application/x-subrip',
    ],
    minBytes: 1,
    maxBytes: 50 * GiB, // a day of video; what is larger than 5 GiB goes in parts
    checksum: 'optional',
    urlExpiresInSeconds: 60 * 60,
    readers: READERS,
    inline: true,
    downloadExpiresInSeconds: 4 * 60 * 60, // long enough to watch a film, and to go back in it
  },
};
