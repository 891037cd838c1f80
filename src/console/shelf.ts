import type { Upload } from '../client/resource.ts';
import { isSettled, type State } from '../lib/upload/state.ts';
import type { Transfer } from './transfers.ts';

/** One row of the list: a file on its way from this page, or an upload that the server knows of. */
export type Item = { readonly key: string } & (
  | { readonly transfer: Transfer; readonly upload?: never }
  | { readonly upload: Upload; readonly transfer?: never }
);

export type Shelf = {
  readonly putTransfer: (transfer: Transfer) => void;
  /** What was in flight is now the upload that the server tells of, in the same row; or is gone. */
  readonly endTransfer: (transfer: Transfer, upload: Upload | undefined) => void;
  readonly putUploads: (uploads: readonly Upload[]) => void;
  /** Forgets what the server told. What is in flight stays. */
  readonly clearUploads: () => void;
  /** What is in flight first, then uploads, each newest first; with a state given, only uploads that stand there. */
  readonly items: (state: State | undefined) => Item[];
  /** True while bytes are on their way from this page. */
  readonly isSending: () => boolean;
  /** True while an upload is bound to change by itself. */
  readonly isUnsettled: () => boolean;
};

/** What the page knows of a person's files, from both sides. */
export const createShelf = (): Shelf => {
  const transfers = new Map<string, Transfer>();
  const uploads = new Map<string, Upload>();
  // Which row an upload was first shown in, so that it stays there when it has arrived.
  const keys = new Map<string, string>();

  return {
    putTransfer: (transfer) => {
      transfers.set(transfer.key, transfer);
      if (transfer.upload) keys.set(transfer.upload.id, transfer.key);
    },
    endTransfer: ({ key }, upload) => {
      transfers.delete(key);
      if (upload) uploads.set(upload.id, upload);
    },
    putUploads: (told) => {
      for (const upload of told) {
        // Two answers may overtake each other, but no upload becomes unsettled again, nor accepted after it was deleted.
        const known = uploads.get(upload.id);
        if (known === undefined || rank(upload.state) >= rank(known.state)) uploads.set(upload.id, upload);
      }
    },
    clearUploads: () => uploads.clear(),
    items: (state) => {
      const inFlight = [...transfers.values()];
      const shown = new Set(inFlight.map((transfer) => transfer.upload?.id));
      const settled = [...uploads.values()]
        .filter((upload) => !shown.has(upload.id) && (state === undefined || upload.state === state))
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      return [
        ...inFlight.reverse().map((transfer) => ({ key: transfer.key, transfer })),
        ...settled.map((upload) => ({ key: keys.get(upload.id) ?? upload.id, upload })),
      ];
    },
    isSending: () => [...transfers.values()].some(({ phase }) => phase === 'queued' || phase === 'sending'),
    isUnsettled: () => [...uploads.values()].some(({ state }) => !isSettled(state)),
  };
};

const rank = (state: State): number =>
  state === 'requested' ? 0 : state === 'verifying' ? 1 : state === 'deleted' ? 3 : 2;
