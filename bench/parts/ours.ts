// The compact answer: what the parts' URLs share is said once.
import { createPartsPresigner, type SignedParts } from '@sluice/connection/sign/presign-parts';
import { toFingerprint } from './fingerprint.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './input.ts';

export function run(): SignedParts {
  return createPartsPresigner({ region: REGION, bucket: BUCKET }).presignParts(CREDENTIALS, REQUEST);
}

export function toValue({ signatures }: SignedParts): number {
  return toFingerprint(signatures);
}
