import type { Scanner, ScanRequest } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';

/**
 * Asks a scanner for its judgement of the object that the row has evidence of.
 * @param attempt 1 for the first time that this scanner is asked about this object
 * @throws Error where the row has no evidence: nothing has been looked at yet, so nothing can be pinned
 */
export function toScanRequest(
  upload: Upload,
  {
    scanner,
    bucket,
    attempt,
  }: { readonly scanner: Scanner; readonly bucket: string; readonly attempt: number },
): ScanRequest {
  const { id, key, evidence, contentType, filename, policy, correlationId } = upload;
  if (evidence === undefined) throw new Error(`upload ${id} has no evidence that a scan could be bound to`);
  return {
    schema: 1,
    scanner,
    uploadId: id,
    bucket,
    key,
    ...(evidence.versionId !== undefined && { versionId: evidence.versionId }),
    etag: evidence.etag,
    size: evidence.size,
    contentType,
    filename,
    policy,
    attempt,
    correlationId,
  };
}
