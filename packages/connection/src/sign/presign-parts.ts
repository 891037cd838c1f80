import { hash } from 'node:crypto';
import { type BucketAddress, toBucketRoot } from './address.ts';
import type { SigningCredentials } from './credentials.ts';
import { encodeComponent, encodeKey, flatten } from './encode.ts';
import { decideLifetime } from './lifetime.ts';
import { prepareUrlScope } from './presign-url.ts';
import { rememberScope, signText } from './signing-key.ts';

/** One part of a multipart upload and the only number of bytes that S3 shall accept for it. */
export type Part = {
  /** From 1 to 10 000. */
  readonly partNumber: number;
  readonly contentLength: number;
};

export type PartsRequest = {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly Part[];
  /** A whole number from 1 to 604 800. */
  readonly expiresInSeconds: number;
  readonly signedAt: Date;
};

/**
 * The URLs of many parts, with what they share said once. The URL of the part at an index is `prefix +
 * partNumber + suffix + signatures[index]`. 10 000 parts take 0.7 MB of JSON, where the URLs themselves take
 * 5 MB, or 20 MB with a session token: more than a Lambda function may answer.
 */
export type SignedParts = {
  readonly prefix: string;
  readonly suffix: string;
  /** One for each part, in the order asked for. */
  readonly signatures: readonly string[];
  /** The instant from which S3 refuses them all; see `decideLifetime`. */
  readonly expiresAt: Date;
};

export type PartsPresigner = {
  /**
   * Signs a PUT for each part, its `Content-Length` included: S3 refuses a part of another length.
   *
   * @throws {RangeError} when an argument could not lead to URLs that work; the message shows no secret.
   * @throws {CredentialsExpiredError} when the credentials have expired by `signedAt`.
   */
  readonly presignParts: (credentials: SigningCredentials, request: PartsRequest) => SignedParts;
};

const MAX_PART_NUMBER = 10_000;

/**
 * Creates the part signer for one bucket; does here whatever need be done only once. No I/O, now or later.
 */
export function createPartsPresigner(address: BucketAddress): PartsPresigner {
  const root = toBucketRoot(address);
  const scopeOf = rememberScope(address.region, prepareUrlScope);
  const afterLength = flatten(`\nhost:${root.host}\n\ncontent-length;host\nUNSIGNED-PAYLOAD`);
  return {
    presignParts: (credentials, { key, uploadId, parts, expiresInSeconds, signedAt }) => {
      const { stamp, seconds, expiresAt } = decideLifetime(credentials, signedAt, expiresInSeconds);
      if (uploadId === '') throw new RangeError('an upload id must not be empty');
      const scope = scopeOf(credentials, stamp.day);
      const path = root.path + encodeKey(key);
      const search = `${scope.head}${stamp.time}&X-Amz-Expires=${seconds}${scope.middle}content-length%3Bhost&partNumber=`;
      const upload = `&uploadId=${encodeComponent(uploadId)}`;
      const beforeNumber = flatten(`PUT\n${path}\n${search}`);
      const beforeLength = flatten(`${upload}\ncontent-length:`);
      const beforeHash = flatten(`AWS4-HMAC-SHA256\n${stamp.time}${scope.name}`);
      const signatures = parts.map(({ partNumber, contentLength }) => {
        checkPart(partNumber, contentLength);
        const request = hash(
          'sha256',
          beforeNumber + partNumber + beforeLength + contentLength + afterLength,
        );
        return signText(scope.key, beforeHash + request);
      });
      return {
        prefix: `${root.origin}${path}?${search}`,
        suffix: `${upload}&X-Amz-Signature=`,
        signatures,
        expiresAt,
      };
    },
  };
}

/** Writes signed parts out as one whole URL each, in their order. `parts` are those that were asked for. */
export function toPartUrls(
  { prefix, suffix, signatures }: SignedParts,
  parts: readonly Pick<Part, 'partNumber'>[],
): string[] {
  if (parts.length !== signatures.length) throw new RangeError('there must be one signature for each part');
  return parts.map(({ partNumber }, index) => `${prefix}${partNumber}${suffix}${signatures[index]}`);
}

function checkPart(partNumber: number, contentLength: number): void {
  if (!(Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= MAX_PART_NUMBER)) {
    throw new RangeError(
      `a part number must be a whole number from 1 to ${MAX_PART_NUMBER}, not ${partNumber}`,
    );
  }
  if (!(Number.isSafeInteger(contentLength) && contentLength >= 0)) {
    throw new RangeError(`the length of a part must be a whole number of bytes, not ${contentLength}`);
  }
}
