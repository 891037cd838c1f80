import type { ScannedObject, ScanRequest } from '@sluice/contract/scan';
import { readEvent } from '../events/world.ts';

/** A request as verification sends it. */
export function aScanRequest(changes: Partial<ScanRequest> = {}): ScanRequest {
  const [record] = readEvent('ask-scanners.function.json').Records;
  return { ...JSON.parse(record.body), ...changes };
}

/** The object that it is about. */
export function aScannedObject(): ScannedObject {
  const { uploadId, bucket, key, versionId, etag } = aScanRequest();
  return { uploadId, bucket, key, ...(versionId !== undefined && { versionId }), etag };
}
