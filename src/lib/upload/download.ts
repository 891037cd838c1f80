import type { Caller } from '@sluice/contract/caller';
import { toServedName } from '@sluice/contract/filename';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import { isPublic, readUpload } from './access.ts';
import { type Address, type AddressDeps, type Reading, toAddress } from './address.ts';
import { isUploadId } from './key.ts';
import type { Ledger } from './ports.ts';

type DownloadDeps = AddressDeps & { readonly ledger: Pick<Ledger, 'read'> };

/**
 * An address of an accepted upload whose bytes the caller may read, and of nothing else.
 * Refuses `upload_not_found` and what `downloadReached` refuses.
 */
export async function downloadUpload(
  deps: DownloadDeps,
  caller: Caller,
  id: string,
  reading: Reading = {},
): Promise<Address & { readonly upload: Upload }> {
  const upload = await readUpload(deps.ledger, caller, id, 'download');
  return { upload, ...(await downloadReached(deps, upload, reading)) };
}

/**
 * An address of an upload that the caller has reached. Refuses `not_verified_yet`, `upload_rejected`,
 * `upload_recalled`, `upload_ended`.
 */
export async function downloadReached(
  deps: AddressDeps,
  upload: Upload,
  reading: Reading = {},
): Promise<Address> {
  const { state, reason, detail } = upload;
  switch (state) {
    case 'accepted':
      return toAddress(deps, upload, reading);
    case 'requested':
    case 'verifying':
    case 'scanning':
    case 'held':
      throw new Refusal('not_verified_yet', { state, retryAfterSeconds: 1 });
    case 'rejected':
      throw new Refusal('upload_rejected', { state, ...(reason && { reason }), ...(detail && { detail }) });
    case 'recalled':
      throw new Refusal('upload_recalled', { state, ...(reason && { reason }), ...(detail && { detail }) });
    case 'expired':
    case 'aborted':
    case 'deleted':
      throw new Refusal('upload_ended', { state });
  }
}

/**
 * An address of a file that anyone may read, by its id and the name that it is served under, in one of the
 * ways in which that may be written. The name is part of what a link says: under another one there is no
 * file, so that no link to a picture ends in `.exe`.
 * Refuses `upload_not_found`, whatever there is instead.
 */
export async function openFile(
  deps: DownloadDeps,
  { id, names }: { readonly id: string; readonly names: readonly string[] },
  reading: Reading,
): Promise<Address & { readonly upload: Upload }> {
  const upload = isUploadId(id) ? await deps.ledger.read(id) : undefined;
  if (upload === undefined || !isPublic(upload) || !names.some((name) => isNameOf(upload, name))) {
    throw new Refusal('upload_not_found');
  }
  return { upload, ...(await toAddress(deps, upload, reading)) };
}

// A name that is written in another normal form of Unicode looks the same, and some systems change the form.
function isNameOf({ filename, servedType }: Upload, name: string): boolean {
  const served = servedType === undefined ? filename : toServedName(filename, servedType);
  return served.normalize() === name.normalize();
}
