import type { Upload } from '@sluice/client/resource';
import { isSettled, type State } from '@sluice/contract/state';
import type { Candidate } from './admission.ts';

/** A file that this page did not send, and why. */
export type Refusal = {
  readonly key: string;
  readonly file: Candidate;
  readonly contentType: string;
  readonly why: string;
};

/** One row of the list: a file that was not sent, or an upload that the server knows of. */
export type Item = { readonly key: string } & (
  | { readonly refusal: Refusal; readonly upload?: never }
  | { readonly upload: Upload; readonly refusal?: never }
);

export type KnownFiles = {
  readonly putRefusal: (refusal: Refusal) => void;
  readonly dropRefusal: (key: string) => void;
  readonly putUploads: (uploads: readonly Upload[]) => void;
  /** Forgets what the server told. What was refused here stays. */
  readonly clearUploads: () => void;
  /**
   * What was refused first, then uploads, each newest first; with a state given, only uploads that stand
   * there.
   */
  readonly items: (state: State | undefined) => Item[];
  /** True while an upload is bound to change by itself. */
  readonly isUnsettled: () => boolean;
};

/** What the page knows of a person's files, from both sides. */
export function createKnownFiles(): KnownFiles {
  const refusals = new Map<string, Refusal>();
  const uploads = new Map<string, Upload>();

  return {
    putRefusal: (refusal) => {
      refusals.set(refusal.key, refusal);
    },
    dropRefusal: (key) => {
      refusals.delete(key);
    },
    putUploads: (told) => {
      for (const upload of told) {
        // Two answers may overtake each other, but no upload becomes unsettled again, nor accepted after it
        // was deleted.
        const known = uploads.get(upload.id);
        if (known === undefined || rank(upload.state) >= rank(known.state)) uploads.set(upload.id, upload);
      }
    },
    clearUploads: () => uploads.clear(),
    items: (state) => [
      ...[...refusals.values()].reverse().map((refusal) => ({ key: refusal.key, refusal })),
      ...[...uploads.values()]
        .filter((upload) => state === undefined || upload.state === state)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
        .map((upload) => ({ key: upload.id, upload })),
    ],
    isUnsettled: () => [...uploads.values()].some(({ state }) => !isSettled(state)),
  };
}

function rank(state: State): number {
  if (state === 'requested') return 0;
  if (!isSettled(state)) return 1;
  return state === 'deleted' || state === 'recalled' ? 3 : 2;
}
