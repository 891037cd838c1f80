// The same written out as 10 000 URLs, to compare with signers that know no other answer.
import { createPartsPresigner, toPartUrls } from '@sluice/connection/sign/presign-parts';
import { toFingerprint } from './fingerprint.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './input.ts';

export function run(): string[] {
  return toPartUrls(
    createPartsPresigner({ region: REGION, bucket: BUCKET }).presignParts(CREDENTIALS, REQUEST),
    REQUEST.parts,
  );
}

export function toValue(urls: readonly string[]): number {
  return toFingerprint(urls.map((url) => url.slice(-64)));
}
