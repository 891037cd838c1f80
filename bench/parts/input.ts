/** One large upload: 10 000 parts, signed by a Lambda function with its role's credentials. */
export const REGION = 'eu-central-1';
export const BUCKET = 'sluice-incoming-123456789012';
export const CREDENTIALS = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  // About a thousand characters of Base64, as AWS's are.
  sessionToken: Buffer.from(Array.from({ length: 780 }, (_, index) => (index * 89) % 256)).toString('base64'),
};
export const REQUEST = {
  key: 'tenant-1/01k9z3m800000000',
  uploadId: 'VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA',
  parts: Array.from({ length: 10_000 }, (_, index) => ({ partNumber: index + 1, contentLength: 8_388_608 })),
  expiresInSeconds: 3600,
  signedAt: new Date('2026-11-22T10:00:00Z'),
};
