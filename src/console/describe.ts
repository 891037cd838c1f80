import type { Upload } from '../client/resource.ts';
import { toExactTime, toSize } from './format.ts';
import { type Kind, kindOf } from './kinds.ts';
import type { Item } from './shelf.ts';
import type { Transfer } from './transfers.ts';
import { STATE_WORDS, type Tone, toReasonWords } from './words.ts';

export type Action = 'cancel' | 'retry' | 'dismiss' | 'download' | 'delete' | 'details';

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
  /** from 0 to 1 while bytes move; undefined inside while nobody can tell how long it takes */
  readonly progress?: { readonly done: number | undefined };
  readonly actions: readonly Action[];
  readonly details: readonly (readonly [term: string, text: string])[];
  /** the upload whose picture may be shown: accepted, and of a type that is nothing but a picture */
  readonly previewOf?: string;
};

/** What to show of a file. Everything in it is plain text. */
export const describe = ({ transfer, upload }: Item): RowView => {
  if (upload) return describeUpload(upload);
  return transfer.upload && transfer.upload.state !== 'requested'
    ? { ...describeUpload(transfer.upload), progress: { done: undefined }, actions: [] }
    : describeTransfer(transfer);
};

const describeTransfer = ({ file, admission, phase, sentBytes, error }: Transfer): RowView => {
  const kind = kindOf(admission.contentType);
  const moving = phase === 'sending' && file.size > 0;
  const size = moving ? `${toSize(sentBytes)} of ${toSize(file.size)}` : toSize(file.size);
  const base = { name: file.name, kind, facts: `${size} · ${kind.title}`, details: [] };
  switch (phase) {
    case 'refused':
      return {
        ...base,
        state: 'Not sent',
        tone: 'rejected',
        why: admission.admitted ? '' : admission.why,
        actions: ['dismiss'],
      };
    case 'failed': {
      const reference = error?.requestId === undefined ? '' : ` Request id: ${error.requestId}`;
      const why = `${error?.text ?? ''}${reference}`;
      return { ...base, state: 'Failed', tone: 'rejected', why, actions: ['retry', 'dismiss'] };
    }
    case 'queued':
      return { ...base, state: 'Queued', tone: 'waiting', progress: { done: 0 }, actions: ['cancel'] };
    case 'sending': {
      const done = file.size > 0 ? sentBytes / file.size : 0;
      return { ...base, state: 'Sending', tone: 'waiting', progress: { done }, actions: ['cancel'] };
    }
    case 'stopping':
      return { ...base, state: 'Stopping', tone: 'ended', progress: { done: undefined }, actions: [] };
    case 'sent':
      return { ...base, state: 'Verifying', tone: 'waiting', progress: { done: undefined }, actions: [] };
  }
};

const describeUpload = (upload: Upload): RowView => {
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
    actions: actionsOf(upload),
    details: detailsOf(upload),
    ...(state === 'accepted' &&
      kind.family === 'image' &&
      size !== undefined &&
      size <= MAX_PREVIEW_BYTES && { previewOf: upload.id }),
  };
};

// What a rejected file claims to be is not repeated as if it were so.
const shownKindOf = ({ state, contentType, detectedType, servedType }: Upload): Kind => {
  const real = servedType ?? detectedType;
  const kind = kindOf(real ?? contentType);
  return state === 'rejected' && real === undefined
    ? { ...kind, title: `announced as ${kind.title}`, family: 'other' }
    : kind;
};

// A preview is the whole file: nobody wants a hundred megabytes for a picture the size of a stamp.
const MAX_PREVIEW_BYTES = 10 * 1024 * 1024;

const actionsOf = ({ state }: Upload): Action[] => {
  if (state === 'accepted') return ['download', 'delete', 'details'];
  if (state === 'requested') return ['delete', 'details'];
  return ['details'];
};

const detailsOf = (upload: Upload): (readonly [string, string])[] => {
  const { detectedType, servedType, settledAt, checksum, metadata, reason, size } = upload;
  const real = detectedType ?? servedType;
  return [
    ['Announced as', upload.contentType],
    ...(real === undefined ? [] : [['Contents are', real] as const]),
    ...(size === undefined ? [] : [['Size', `${size.toLocaleString('en')} bytes`] as const]),
    ['Policy', upload.policy],
    ...Object.entries(metadata),
    ...(checksum === undefined ? [] : [[checksum.algorithm, checksum.value] as const]),
    ['Requested', toExactTime(upload.createdAt)],
    ...(settledAt === undefined ? [] : [['Settled', toExactTime(settledAt)] as const]),
    ...(reason === undefined ? [] : [['Reason', reason] as const]),
    ['Upload id', upload.id],
  ];
};
