import type { Upload } from '@sluice/client/resource';
import { normaliseContentType } from '@sluice/contract/content-types';
import { toSize } from '@sluice/contract/size-text';
import { type Kind, kindOf } from './kinds.ts';
import type { Item, Refusal } from './known-files.ts';
import type { Sharing, ToSharing } from './sharing.ts';
import { toExactTime } from './times.ts';
import { STATE_WORDS, type Tone, toReasonWords } from './words.ts';

export type Action = 'dismiss' | 'download' | 'delete' | 'details';

export type Preview = { readonly of: 'picture' | 'text'; readonly uploadId: string };

/** All that a row shows. */
export type RowView = {
  readonly name: string;
  readonly kind: Kind;
  /** size and type, in words */
  readonly facts: string;
  /** when it was requested, in ISO 8601 */
  readonly since?: string;
  readonly state: string;
  readonly tone: Tone;
  /** why it was rejected, or could not be sent */
  readonly why?: string;
  /** true while it is being verified: nobody can tell how long that takes, but it is not long */
  readonly isMoving: boolean;
  readonly actions: readonly Action[];
  readonly details: readonly (readonly [term: string, text: string])[];
  /**
   * what of the file may be shown: of an accepted one only, and of types that are nothing but a picture or
   * text
   */
  readonly preview?: Preview;
  /** who may read it, where that is a choice */
  readonly sharing?: Sharing;
};

/** What to show of a file. Everything in it is plain text. `who` is the person whose uploads they are. */
export function describe({ refusal, upload }: Item, who: string, toSharing?: ToSharing): RowView {
  if (upload === undefined) return describeRefusal(refusal);
  const sharing = toSharing?.(upload);
  return { ...describeUpload(upload, who), ...(sharing && { sharing }) };
}

function describeRefusal({ file, contentType, why }: Refusal): RowView {
  const kind = kindOf(contentType);
  return {
    name: file.name,
    kind,
    facts: `${toSize(file.size)} · ${kind.title}`,
    state: 'Not sent',
    tone: 'rejected',
    why,
    isMoving: false,
    actions: ['dismiss'],
    details: [],
  };
}

function describeUpload(upload: Upload, who: string): RowView {
  const { filename, size, state, createdAt, reason } = upload;
  const kind = shownKindOf(upload);
  const [word, tone] = STATE_WORDS[state];
  return {
    name: filename,
    kind,
    // Uppy does not say how much it is sending.
    facts: size === undefined ? kind.title : `${toSize(size)} · ${kind.title}`,
    since: createdAt,
    state: word,
    tone,
    ...(reason !== undefined && { why: [toReasonWords(reason), upload.detail].filter(Boolean).join(' ') }),
    ...(state === 'held' && upload.detail !== undefined && { why: upload.detail }),
    isMoving: state === 'verifying' || state === 'scanning',
    actions: actionsOf(upload),
    details: detailsOf(upload, who),
    ...previewOf(upload),
  };
}

function previewOf({ id, state, size = 0, servedType = '' }: Upload): { preview: Preview } | undefined {
  if (state !== 'accepted') return undefined;
  const type = normaliseContentType(servedType); // texts come with a charset
  if (TEXT_TYPES.has(type)) return { preview: { of: 'text', uploadId: id } };
  const isPicture = kindOf(type).family === 'image' && type !== 'image/svg+xml';
  return isPicture && size <= MAX_PICTURE_BYTES ? { preview: { of: 'picture', uploadId: id } } : undefined;
}

const TEXT_TYPES = new Set([
  'text/plain',
  'text/markdown',
  'text/csv',
  'application/json',
  'application/x-ndjson',
]);

// What a rejected file claims to be is not repeated as if it were so.
function shownKindOf({ state, contentType, detectedType, servedType }: Upload): Kind {
  const real = servedType ?? detectedType;
  const kind = kindOf(real ?? contentType);
  return state === 'rejected' && real === undefined
    ? { ...kind, title: `announced as ${kind.title}`, family: 'other' }
    : kind;
}

// A picture is the whole file: nobody wants a hundred megabytes for a picture the size of a stamp.
const MAX_PICTURE_BYTES = 10 * 1024 * 1024;

/** What can be done with an upload. */
export function actionsOf({ state }: Upload): readonly Action[] {
  if (state === 'accepted') return ['download', 'delete', 'details'];
  if (state === 'requested' || state === 'held') return ['delete', 'details'];
  return ['details'];
}

function detailsOf(upload: Upload, who: string): (readonly [string, string])[] {
  const { detectedType, servedType, servedName, settledAt, checksum, metadata, reason, size } = upload;
  const real = detectedType ?? servedType;
  return [
    ['Announced as', upload.contentType],
    ...(real === undefined ? [] : [['Contents are', real] as const]),
    ...(servedName === undefined || servedName === upload.filename
      ? []
      : [['Downloaded as', servedName] as const]),
    ...(size === undefined ? [] : [['Size', `${size.toLocaleString('en')} bytes`] as const]),
    ['Policy', upload.policy],
    ...Object.entries(metadata),
    ...(checksum === undefined ? [] : [[checksum.algorithm, checksum.value] as const]),
    ['Uploaded by', who], // the API lists nobody else's
    ['Requested', toExactTime(upload.createdAt)],
    ...(settledAt === undefined ? [] : [['Settled', toExactTime(settledAt)] as const]),
    ...(reason === undefined ? [] : [['Reason', reason] as const]),
    ...(upload.threats === undefined ? [] : [['Threats', upload.threats.join(', ')] as const]),
    ...Object.entries(upload.scans ?? {}).map(([scanner, said]) => [`Scan by ${scanner}`, said] as const),
    ...Object.entries(upload.inspection ?? {}).map(
      ([fact, value]) => [`Inside: ${fact}`, [value].flat().join(', ')] as const,
    ),
    ['Upload id', upload.id],
  ];
}
