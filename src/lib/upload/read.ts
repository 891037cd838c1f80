import { Refusal } from '@sluice/contract/refusals';
import type { Owner, Upload } from '@sluice/contract/upload';
import { isUploadId } from './key.ts';
import type { Ledger } from './ports.ts';

/**
 * One of the caller's own uploads. Another caller's, an unknown one and a malformed id are all refused as
 * `upload_not_found`.
 */
export async function readUpload(ledger: Ledger, caller: Owner, id: string): Promise<Upload> {
  const upload = isUploadId(id) ? await ledger.read(id) : undefined;
  if (upload === undefined || upload.tenant !== caller.tenant || upload.subject !== caller.subject) {
    throw new Refusal('upload_not_found');
  }
  return upload;
}
