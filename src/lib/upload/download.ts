import { Refusal } from '@sluice/contract/refusals';
import type { Owner, Upload } from '@sluice/contract/upload';
import type { Ledger } from './ports.ts';
import { readUpload } from './read.ts';

/**
 * How long a download's URL is valid. The store's bucket policy refuses older signatures
 * (infra/lifetimes.cjs).
 */
export const DOWNLOAD_EXPIRES_IN_SECONDS = 300;

/** Signs a GET of one stored object. */
export type DownloadSigner = (
  key: string,
  signedAt: Date,
) => Promise<{ readonly url: string; readonly expiresAt: Date }>;

/**
 * A presigned GET for the caller's own accepted upload, and for nothing else.
 * Refuses `upload_not_found`, `not_verified_yet`, `upload_rejected`, `upload_ended`.
 */
export async function downloadUpload(
  {
    ledger,
    sign,
    now,
  }: { readonly ledger: Ledger; readonly sign: DownloadSigner; readonly now: () => number },
  caller: Owner,
  id: string,
): Promise<{ readonly upload: Upload; readonly url: string; readonly expiresAt: Date }> {
  const upload = await readUpload(ledger, caller, id);
  const { state, reason, detail } = upload;
  switch (state) {
    case 'accepted':
      return { upload, ...(await sign(upload.key, new Date(now()))) };
    case 'requested':
    case 'verifying':
      throw new Refusal('not_verified_yet', { state, retryAfterSeconds: 1 });
    case 'rejected':
      throw new Refusal('upload_rejected', { state, ...(reason && { reason }), ...(detail && { detail }) });
    case 'expired':
    case 'aborted':
    case 'deleted':
      throw new Refusal('upload_ended', { state });
  }
}
