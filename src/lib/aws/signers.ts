import { toBucketAddress } from '@sluice/connection/access/bucket-address';
import type { Settings } from '@sluice/connection/settings/values';
import { createPartsPresigner } from '@sluice/connection/sign/presign-parts';
import { createPostPresigner } from '@sluice/connection/sign/presign-post';
import { type BucketAddress, createPresigner } from '@sluice/connection/sign/presign-url';
import { partBytes } from '@sluice/contract/part-plan';
import type { DownloadSigner } from '../upload/address.ts';
import type { Signer } from '../upload/request.ts';
import type { PartSigner } from '../upload/sign-parts.ts';
import { toAnswerQuery } from './answer-query.ts';
import type { Stores } from './stores.ts';

/** Signs for one incoming object: its length, type and checksum are fixed, and a PUT may happen only once. */
export function createUploadSigner({ publicSettings, keys }: Stores, bucket: string): Signer {
  const address = toBucket(publicSettings, bucket);
  const { presignUrl } = createPresigner(address);
  const { presignPost } = createPostPresigner(address);
  return async ({ transport, key, contentType, length, checksum }, expiresInSeconds, signedAt) => {
    const checksumHeader = checksum && { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
    if (transport === 'post') {
      const { url, fields, expiresAt } = presignPost(keys.current(), {
        key,
        contentType,
        contentLengthRange: length,
        ...(checksumHeader && { fields: checksumHeader }),
        expiresInSeconds,
        signedAt,
      });
      return { signature: { post: { url, fields } }, expiresAt };
    }
    const { url, headers, expiresAt } = presignUrl(keys.current(), {
      method: 'PUT',
      key,
      headers: {
        'content-length': String(length.max),
        'content-type': contentType,
        'if-none-match': '*',
        ...checksumHeader,
      },
      expiresInSeconds,
      signedAt,
    });
    return { signature: { put: { url, method: 'PUT', headers } }, expiresAt };
  };
}

/** Signs parts of multipart uploads: each part's length too, where it is known. */
export function createPartSigner({ publicSettings, keys }: Stores, bucket: string): PartSigner {
  const address = toBucket(publicSettings, bucket);
  const { presignUrl } = createPresigner(address);
  const { presignParts } = createPartsPresigner(address);
  return {
    sign(key, uploadId, { partNumber, size, checksum }, expiresInSeconds, signedAt) {
      const { url, headers, expiresAt } = presignUrl(keys.current(), {
        method: 'PUT',
        key,
        query: { partNumber: String(partNumber), uploadId },
        headers: {
          ...(size !== undefined && { 'content-length': String(size) }),
          ...(checksum && { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value }),
        },
        expiresInSeconds,
        signedAt,
      });
      return { url, headers, expiresAt };
    },
    signAll(key, uploadId, plan, expiresInSeconds, signedAt) {
      const parts = Array.from({ length: plan.partCount }, (_, index) => ({
        partNumber: index + 1,
        contentLength: partBytes(plan, index + 1),
      }));
      return presignParts(keys.current(), { key, uploadId, parts, expiresInSeconds, signedAt });
    },
  };
}

/**
 * Signs a GET or a HEAD of one stored object, which answers with the type and disposition it was stored with
 * unless the request names others.
 */
export function createDownloadSigner({ publicSettings, keys }: Stores, bucket: string): DownloadSigner {
  const { presignUrl } = createPresigner(toBucket(publicSettings, bucket));
  return async ({ method, key, expiresInSeconds, signedAt, answer }) => {
    const query = answer && toAnswerQuery(answer);
    const request = { method, key, expiresInSeconds, signedAt, ...(query && { query }) };
    const { url, expiresAt } = presignUrl(keys.current(), request);
    return { url, expiresAt };
  };
}

function toBucket(settings: Settings, bucket: string): BucketAddress {
  const { region } = settings.values;
  if (region === undefined) throw new Error('not set in the environment: AWS_REGION');
  return toBucketAddress(settings, region, bucket);
}
