import type { Upload } from '../upload/upload.ts';

/** An upload as its owner sees it: no key, no bucket, no epoch. Times are ISO 8601. */
export const toResource = (upload: Upload) => ({
  id: upload.id,
  state: upload.state,
  filename: upload.filename,
  contentType: upload.contentType,
  size: upload.size,
  policy: upload.policy,
  metadata: upload.metadata,
  checksum: upload.checksum,
  transport: upload.transport,
  createdAt: new Date(upload.createdAt).toISOString(),
  expiresAt: new Date(upload.expiresAt).toISOString(),
  settledAt: upload.settledAt === undefined ? undefined : new Date(upload.settledAt).toISOString(),
  servedType: upload.servedType,
  detectedType: upload.evidence?.detectedType,
  reason: upload.reason,
  detail: upload.detail,
});
