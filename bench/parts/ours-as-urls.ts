// The same written out as 10 000 URLs, to compare with signers that know no other answer.
import { createPartsPresigner, toPartUrls } from '../../src/lib/sign/presign-parts.ts';
import { toFingerprint } from './fingerprint.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './input.ts';

export const run = (): string[] =>
  toPartUrls(
    createPartsPresigner({ region: REGION, bucket: BUCKET }).presignParts(CREDENTIALS, REQUEST),
    REQUEST.parts,
  );

export const toValue = (urls: readonly string[]): number => toFingerprint(urls.map((url) => url.slice(-64)));
