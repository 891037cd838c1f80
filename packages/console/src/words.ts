import { NetworkError, ProblemError, SluiceError } from '@sluice/client/errors';
import type { Upload } from '@sluice/client/resource';
import type { State } from '@sluice/contract/state';
import type { RejectReason } from '@sluice/contract/verdict';

/** How a state looks. Never by colour alone: each has its word and its sign, too. */
export type Tone = 'accepted' | 'rejected' | 'waiting' | 'ended';

export const STATE_WORDS: Readonly<Record<State, readonly [word: string, tone: Tone]>> = {
  requested: ['Awaiting file', 'waiting'],
  verifying: ['Verifying', 'waiting'],
  scanning: ['Scanning', 'waiting'],
  held: ['Held', 'waiting'],
  accepted: ['Accepted', 'accepted'],
  rejected: ['Rejected', 'rejected'],
  expired: ['Expired', 'ended'],
  aborted: ['Cancelled', 'ended'],
  deleted: ['Deleted', 'ended'],
  recalled: ['Recalled', 'rejected'],
};

const REASONS: Readonly<Record<RejectReason, string>> = {
  size_mismatch: 'It is not as large as was announced.',
  checksum_mismatch: 'It was changed on its way: its checksum is not the announced one.',
  checksum_missing: 'It could not be proven unchanged, for want of a checksum.',
  content_encoded: 'It was sent encoded, so that readers would see other bytes than were checked.',
  type_unrecognised: 'What kind of file it is cannot be told from its contents.',
  type_mismatch: 'Its contents are not what its type says.',
  type_not_allowed: 'Files of this kind are not taken.',
  text_malformed: 'It is not well-formed text.',
  active_content: 'It has contents that a browser would run.',
  encrypted: 'It can only be opened with a password.',
  policy_gone: 'The rules it was uploaded under no longer exist.',
  infected: 'It has something harmful in it, as a scanner found.',
  unscannable: 'It cannot be looked into by a scanner.',
  content_refused: 'It has something in it that is not taken.',
};

/** Why an upload was rejected, in a sentence. A reason that is newer than this page is shown as it came. */
export function toReasonWords(reason: string): string {
  return BY_REASON.get(reason) ?? `Reason: ${reason}.`;
}

const BY_REASON: ReadonlyMap<string, string> = new Map(Object.entries(REASONS));

/** What became of an upload, to be read out. */
export function toOutcomeWords({ filename, state, reason }: Upload): string {
  return [`${filename}: ${STATE_WORDS[state][0]}.`, reason && toReasonWords(reason)]
    .filter(Boolean)
    .join(' ');
}

export type ErrorWords = { readonly text: string; readonly requestId?: string };

/** What to tell somebody of an error, and what they should tell an operator. */
export function toErrorWords(error: unknown): ErrorWords {
  if (error instanceof ProblemError) return { text: error.message, requestId: error.problem.requestId };
  if (error instanceof NetworkError) return { text: `${error.message} Are you online?` };
  if (error instanceof SluiceError) return { text: error.message };
  return { text: 'Something went wrong in this page. Reload it and try again.' };
}

/**
 * What to tell somebody whose file could not be sent. Uppy's own errors tell what the storage or the network
 * did.
 */
export function toTransferErrorWords(error: unknown): ErrorWords {
  return error instanceof SluiceError || !(error instanceof Error)
    ? toErrorWords(error)
    : { text: `It could not be sent (${error.message}). Try again in a moment.` };
}
