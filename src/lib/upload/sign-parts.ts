import type { Checksum } from '@sluice/contract/checksum';
import { partBytes } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import type { MultipartUpload } from '@sluice/contract/upload';
import { highestPart } from './excess.ts';
import { secondsToSign } from './lifetime.ts';
import type { OpenMultipart } from './multipart.ts';
import type { Policies } from './policy.ts';

/**
 * How long a part's URL is valid. Clients can have parts signed again, so this need not outlast an upload.
 */
export const PART_URL_EXPIRES_IN_SECONDS = 3600;

/** A part to be sent: PUT its bytes to `url` with exactly these headers. */
export type SignedPart = {
  readonly partNumber: number;
  /** bytes; absent if no size was declared */
  readonly size?: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** The URLs of all parts in order: `prefix + partNumber + suffix + signatures[partNumber - 1]`. */
export type CompactParts = {
  readonly prefix: string;
  readonly suffix: string;
  readonly signatures: readonly string[];
};

export type PartSigner = {
  sign(
    key: string,
    uploadId: string,
    part: { readonly partNumber: number; readonly size?: number; readonly checksum?: Checksum },
    expiresInSeconds: number,
    signedAt: Date,
  ): { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly expiresAt: Date };
  signAll(
    key: string,
    uploadId: string,
    plan: NonNullable<MultipartUpload['plan']>,
    expiresInSeconds: number,
    signedAt: Date,
  ): CompactParts & { readonly expiresAt: Date };
};

export type SignPartsDeps = {
  readonly sign: PartSigner;
  readonly policies: Policies;
  readonly now: () => number;
};

/**
 * Signs the named parts of an upload.
 * @param notAfter milliseconds since the epoch: the end of the caller's session, which no signature outlives
 * Refuses `part_numbers_invalid` for a number beyond the upload's parts, `session_expired`.
 */
export function signParts(
  { sign, policies, now }: SignPartsDeps,
  upload: OpenMultipart,
  wanted: readonly { readonly partNumber: number; readonly checksum?: Checksum }[],
  notAfter?: number,
): { readonly parts: readonly SignedPart[]; readonly expiresAt: Date } {
  const {
    key,
    multipart: { uploadId, plan },
  } = upload;
  const signedAt = new Date(now());
  const seconds = secondsToSign(PART_URL_EXPIRES_IN_SECONDS, signedAt.getTime(), notAfter);
  const highest = highestPart(policies, upload);
  let expiresAt = new Date(signedAt.getTime() + seconds * 1000);
  const parts = wanted.map(({ partNumber, checksum }) => {
    if (partNumber > highest) {
      throw new Refusal('part_numbers_invalid', {
        detail:
          plan === undefined
            ? `A file of the size that may be uploaded has at most ${highest} parts: there is no part ${partNumber}.`
            : `The upload has ${highest} parts: there is no part ${partNumber}.`,
      });
    }
    const size = plan && partBytes(plan, partNumber);
    const part = { partNumber, ...(size !== undefined && { size }) };
    const signed = sign.sign(key, uploadId, { ...part, ...(checksum && { checksum }) }, seconds, signedAt);
    expiresAt = signed.expiresAt;
    return { ...part, url: signed.url, headers: signed.headers };
  });
  return { parts, expiresAt };
}

/**
 * Signs all parts at once, in the compact form. Refuses `not_multipart` if no size was declared,
 * `session_expired`.
 * @param notAfter as for signParts
 */
export function signAllParts(
  { sign, now }: Omit<SignPartsDeps, 'policies'>,
  { key, multipart: { uploadId, plan } }: OpenMultipart,
  notAfter?: number,
): CompactParts & { readonly expiresAt: Date } {
  if (plan === undefined) throw new Refusal('not_multipart');
  const signedAt = new Date(now());
  const seconds = secondsToSign(PART_URL_EXPIRES_IN_SECONDS, signedAt.getTime(), notAfter);
  return sign.signAll(key, uploadId, plan, seconds, signedAt);
}
