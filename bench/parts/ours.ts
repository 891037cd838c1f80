// The compact answer: what the parts' URLs share is said once.
import { createPartsPresigner, type SignedParts } from '../../src/lib/sign/presign-parts.ts';
import { toFingerprint } from './fingerprint.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './input.ts';

export const run = (): SignedParts =>
  createPartsPresigner({ region: REGION, bucket: BUCKET }).presignParts(CREDENTIALS, REQUEST);

export const toValue = ({ signatures }: SignedParts): number => toFingerprint(signatures);
