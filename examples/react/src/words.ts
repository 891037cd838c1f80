import type { Upload } from '@sluice/client';
import type { UploadStatus } from '@sluice/client/react';

type Word = { readonly word: string; readonly tone: '' | 'good' | 'bad' | 'wait' };

/** How each status is called, and its colour; those without one are on their way. */
export const STATUS: Readonly<Record<UploadStatus, Word>> = {
  waiting: { word: 'Waiting', tone: '' },
  starting: { word: 'Starting', tone: '' },
  hashing: { word: 'Reading', tone: '' },
  sending: { word: 'Sending', tone: '' },
  verifying: { word: 'Being verified', tone: '' },
  scanning: { word: 'Being scanned', tone: '' },
  held: { word: 'Held', tone: 'wait' },
  paused: { word: 'Paused', tone: 'wait' },
  cancelled: { word: 'Cancelled', tone: 'wait' },
  failed: { word: 'Failed', tone: 'bad' },
  accepted: { word: 'Accepted', tone: 'good' },
  rejected: { word: 'Rejected', tone: 'bad' },
  expired: { word: 'Expired', tone: 'bad' },
  aborted: { word: 'Given up', tone: 'bad' },
  deleted: { word: 'Deleted', tone: 'bad' },
  recalled: { word: 'Recalled', tone: 'bad' },
};

/** What came of an upload, in one sentence. The API's own words say why something was rejected. */
export function toSentence({ state, detail, transport }: Upload): string {
  if (detail !== undefined) return detail;
  if (state === 'accepted') return 'It was accepted.';
  if (state === 'verifying') return 'All of it is there, and is being verified.';
  if (state === 'scanning') return 'All of it is there, and is being scanned.';
  if (state === 'requested') {
    return transport === 'multipart'
      ? 'Pick the same file again, and it goes on where it was.'
      : 'It has not arrived. Pick the file again.';
  }
  return `It is ${state}.`;
}

export function toError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function toSize(bytes = 0): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
