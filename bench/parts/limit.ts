// The least that 10 000 signatures need: for each one SHA-256 and one HMAC, its texts made beforehand. They
// are the texts of a few parts in turn: those of all would fill 17 MB, and fetching them is none of the
// cryptography.
import { createHmac, hash } from 'node:crypto';
import { deriveSigningKey } from '@sluice/connection/sign/signing-key';
import { COMPARED_SIGNATURES, toFingerprint } from './fingerprint.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './input.ts';

const SCOPE = `20261122/${REGION}/s3/aws4_request`;
const BEFORE_HASH = `AWS4-HMAC-SHA256\n20261122T100000Z\n${SCOPE}\n`;

function toCanonicalRequest({ partNumber, contentLength }: (typeof REQUEST.parts)[number]): string {
  return [
    'PUT',
    `/${REQUEST.key}`,
    [
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      `X-Amz-Credential=${encodeURIComponent(`${CREDENTIALS.accessKeyId}/${SCOPE}`)}`,
      'X-Amz-Date=20261122T100000Z',
      `X-Amz-Expires=${REQUEST.expiresInSeconds}`,
      `X-Amz-Security-Token=${encodeURIComponent(CREDENTIALS.sessionToken)}`,
      'X-Amz-SignedHeaders=content-length%3Bhost',
      `partNumber=${partNumber}`,
      `uploadId=${REQUEST.uploadId}`,
    ].join('&'),
    `content-length:${contentLength}`,
    `host:${BUCKET}.s3.${REGION}.amazonaws.com`,
    '',
    'content-length;host',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
}

let canonicalRequests: readonly string[] = [];

export function prepare(): void {
  canonicalRequests = REQUEST.parts.slice(0, COMPARED_SIGNATURES).map(toCanonicalRequest);
}

export function run(): string[] {
  const key = deriveSigningKey(CREDENTIALS.secretAccessKey, '20261122', REGION);
  return REQUEST.parts.map((_, index) => {
    const request = canonicalRequests[index % COMPARED_SIGNATURES] ?? '';
    return createHmac('sha256', key)
      .update(BEFORE_HASH + hash('sha256', request))
      .digest('hex');
  });
}

export const toValue = toFingerprint;
