import type { CopyObjectCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { ParamValidationError } from '../errors/settings.ts';

/** What goes with every call to a bucket: who pays for it, and whose the bucket has to be. */
export type BucketParams = {
  /** `requester`: the caller pays, as the buckets of some owners demand. */
  readonly RequestPayer?: PutObjectCommandInput['RequestPayer'];
  /** The account that owns the bucket, twelve digits: S3 refuses the call when it is another one's by now. */
  readonly ExpectedBucketOwner?: string | undefined;
};

/**
 * A key of the caller's own (SSE-C): its 32 bytes, or their base64. S3 keeps no copy: without the key the
 * object is lost.
 */
export type CustomerKey = string | Uint8Array;

/** What goes with every call about one object (boto3: `ExtraArgs` of a download). */
export type ReadParams = BucketParams & {
  readonly SSECustomerKey?: CustomerKey | undefined;
};

/**
 * What S3 keeps with the object besides its bytes, and what goes with the calls that make it (boto3:
 * `ExtraArgs`).
 */
export type ObjectParams = ReadParams &
  Pick<
    PutObjectCommandInput,
    | 'ACL'
    | 'BucketKeyEnabled'
    | 'CacheControl'
    | 'ContentDisposition'
    | 'ContentEncoding'
    | 'ContentLanguage'
    | 'ContentType'
    | 'Expires'
    | 'GrantFullControl'
    | 'GrantRead'
    | 'GrantReadACP'
    | 'GrantWriteACP'
    | 'IfNoneMatch'
    | 'Metadata'
    | 'ObjectLockLegalHoldStatus'
    | 'ObjectLockMode'
    | 'ObjectLockRetainUntilDate'
    | 'ServerSideEncryption'
    | 'SSEKMSEncryptionContext'
    | 'SSEKMSKeyId'
    | 'StorageClass'
    | 'Tagging'
    | 'WebsiteRedirectLocation'
  >;

/** The same for a copy, with what is said of its source. */
export type CopyParams = ObjectParams &
  Pick<CopyObjectCommandInput, 'MetadataDirective' | 'TaggingDirective' | 'ExpectedSourceBucketOwner'> & {
    /** The key that the source is encrypted with. */
    readonly CopySourceSSECustomerKey?: CustomerKey | undefined;
  };

/** The fields for calls about a bucket, or about an upload as such. */
export function toBucketInput({ RequestPayer, ExpectedBucketOwner }: BucketParams) {
  return {
    ...(RequestPayer !== undefined && { RequestPayer }),
    ...(ExpectedBucketOwner !== undefined && { ExpectedBucketOwner }),
  };
}

/**
 * The fields for calls about an object. Throws `ParamValidationError` for what is no key, without showing it.
 */
export function toReadInput(params: ReadParams) {
  const { SSECustomerKey } = params;
  return {
    ...toBucketInput(params),
    ...(SSECustomerKey !== undefined && {
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: toBase64Key('SSECustomerKey', SSECustomerKey),
    }),
  };
}

/** The fields for calls that make an object. Throws as `toReadInput`. */
export function toObjectInput(params: ObjectParams) {
  const { SSECustomerKey: _key, ...kept } = params;
  return { ...kept, ...toReadInput(params) };
}

/** The fields of a copy about its source. Throws as `toReadInput`. */
export function toCopySourceInput({ CopySourceSSECustomerKey: key, ExpectedSourceBucketOwner }: CopyParams) {
  return {
    ...(ExpectedSourceBucketOwner !== undefined && { ExpectedSourceBucketOwner }),
    ...(key !== undefined && {
      CopySourceSSECustomerAlgorithm: 'AES256',
      CopySourceSSECustomerKey: toBase64Key('CopySourceSSECustomerKey', key),
    }),
  };
}

const KEY_BYTES = 32;

/** What the SDK, and S3, take a key as. */
function toBase64Key(field: string, key: CustomerKey): string {
  const isText = typeof key === 'string';
  const readings = isText ? [Buffer.from(key, 'base64'), Buffer.from(key)] : [Buffer.from(key)];
  const bytes = readings.find(({ length }) => length === KEY_BYTES);
  if (bytes !== undefined) return bytes.toString('base64');
  throw new ParamValidationError({ message: `${field} must be ${KEY_BYTES} bytes, or their base64` });
}
