import type { Caller } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import { readUpload } from './access.ts';
import { type Address, type AddressDeps, type Reading, toAddress } from './address.ts';
import type { Ledger } from './ports.ts';

/**
 * A presigned GET for an accepted upload whose bytes the caller may read, and for nothing else.
 * Refuses `upload_not_found`, `not_verified_yet`, `upload_rejected`, `upload_ended`.
 */
export async function downloadUpload(
  deps: AddressDeps & { readonly ledger: Ledger },
  caller: Caller,
  id: string,
  reading: Reading = {},
): Promise<Address & { readonly upload: Upload }> {
  const upload = await readUpload(deps.ledger, caller, id, 'download');
  const { state, reason, detail } = upload;
  switch (state) {
    case 'accepted':
      return { upload, ...(await toAddress(deps, upload, reading)) };
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
