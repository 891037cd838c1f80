import { DOWNLOAD_EXPIRES_IN_SECONDS, type DownloadSigner } from '../upload/address.ts';
import type { Ledger } from '../upload/ports.ts';
import { createTally } from './tally.ts';
import type { Step } from './walk.ts';

export type ExportDeps = {
  readonly ledger: Pick<Ledger, 'list'>;
  readonly sign: DownloadSigner;
  /** Has the keys at hand that the signer signs with. */
  readonly ready: () => Promise<void>;
  readonly storeBucket: string;
  readonly now: () => number;
};

// As many as are fetched before their addresses end.
const STEP_ROWS = 50;

/**
 * The rows of an owner or of a tenant, newest first, each accepted one with an address to fetch its file at.
 * Changes nothing.
 */
export function exportUploads(
  deps: ExportDeps,
  owner: { readonly tenant: string; readonly subject?: string },
): Step {
  return async (cursor) => {
    const tally = createTally();
    const page = { ...owner, limit: STEP_ROWS, ...(cursor !== undefined && { cursor }) };
    const { uploads, unreadable, cursor: next } = await deps.ledger.list(page);
    for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
    await deps.ready();
    for (const row of uploads) {
      const isThere = row.state === 'accepted';
      const signed = isThere
        ? await deps.sign({
            method: 'GET',
            key: row.key,
            expiresInSeconds: DOWNLOAD_EXPIRES_IN_SECONDS, // longer ones the bucket refuses,
            signedAt: new Date(deps.now()),
          })
        : undefined;
      tally.note(isThere ? 'files' : 'rows', {
        id: row.id,
        row,
        ...(signed && { url: signed.url, store: { bucket: deps.storeBucket, key: row.key } }),
      });
    }
    return tally.page(next);
  };
}
