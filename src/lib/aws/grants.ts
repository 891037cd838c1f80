import { toBucketAddress } from '@sluice/connection/access/bucket-address';
import type { Settings } from '@sluice/connection/settings/values';
import type { SigningCredentials } from '@sluice/connection/sign/credentials';
import { createPartsPresigner } from '@sluice/connection/sign/presign-parts';
import { createPostPresigner } from '@sluice/connection/sign/presign-post';
import { type BucketAddress, createPresigner } from '@sluice/connection/sign/presign-url';
import { partBytes } from '@sluice/contract/part-plan';
import { DOWNLOAD_EXPIRES_IN_SECONDS, type DownloadSigner } from '../upload/download.ts';
import type { PartSigner } from '../upload/multipart.ts';
import type { Signer } from '../upload/request.ts';

/** Signs for one incoming object: its length, type and checksum are fixed, and a PUT may happen only once. */
export function createUploadSigner(settings: Settings, bucket: string): Signer {
  const address = toAddress(settings, bucket);
  const { presignUrl } = createPresigner(address);
  const { presignPost } = createPostPresigner(address);
  const credentials = toCredentials(settings);
  return async ({ transport, key, contentType, length, checksum }, expiresInSeconds, signedAt) => {
    const checksumHeader = checksum && { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
    if (transport === 'post') {
      const { url, fields, expiresAt } = presignPost(credentials, {
        key,
        contentType,
        contentLengthRange: length,
        ...(checksumHeader && { fields: checksumHeader }),
        expiresInSeconds,
        signedAt,
      });
      return { grant: { post: { url, fields } }, expiresAt };
    }
    const { url, headers, expiresAt } = presignUrl(credentials, {
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
    return { grant: { put: { url, method: 'PUT', headers } }, expiresAt };
  };
}

/** Signs parts of multipart uploads: each part's length too, where it is known. */
export function createPartSigner(settings: Settings, bucket: string): PartSigner {
  const address = toAddress(settings, bucket);
  const { presignUrl } = createPresigner(address);
  const { presignParts } = createPartsPresigner(address);
  const credentials = toCredentials(settings);
  return {
    sign(key, uploadId, { partNumber, size, checksum }, expiresInSeconds, signedAt) {
      const { url, headers, expiresAt } = presignUrl(credentials, {
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
      return presignParts(credentials, { key, uploadId, parts, expiresInSeconds, signedAt });
    },
  };
}

/** Signs a GET of one stored object, which answers with the type and disposition it was stored with. */
export function createDownloadSigner(settings: Settings, bucket: string): DownloadSigner {
  const { presignUrl } = createPresigner(toAddress(settings, bucket));
  const credentials = toCredentials(settings);
  return async (key, signedAt) => {
    const { url, expiresAt } = presignUrl(credentials, {
      method: 'GET',
      key,
      expiresInSeconds: DOWNLOAD_EXPIRES_IN_SECONDS,
      signedAt,
    });
    return { url, expiresAt };
  };
}

function toAddress(settings: Settings, bucket: string): BucketAddress {
  const { region } = settings.values;
  if (region === undefined) throw new Error('not set in the environment: AWS_REGION');
  return toBucketAddress(settings, region, bucket);
}

/** The function's role, as Lambda puts it in the environment when it starts an instance. */
function toCredentials({ values }: Settings): SigningCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = values;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('not set in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
