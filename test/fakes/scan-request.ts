import type { ScanRequest } from '@sluice/contract/scan';

/** Asks ClamAV about one object. */
export const scanRequest: ScanRequest = {
  schema: 1,
  scanner: 'clamav',
  uploadId: '0f9a3c1e-5b7d-4e2a-9c8f-1d2e3f4a5b6c',
  bucket: 'incoming-of-a-test',
  key: 'acme/0f9a3c1e-5b7d-4e2a-9c8f-1d2e3f4a5b6c',
  versionId: 'v1',
  etag: '9bb58f26192e4ba00f01e2e7b136bbd8',
  size: 68,
  contentType: 'text/plain',
  filename: 'eicar.txt',
  policy: 'documents',
  attempt: 1,
  correlationId: 'a-request',
};
