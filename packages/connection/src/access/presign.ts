import {
  ExpiredCredentialsError,
  NoRegionError,
  ParamValidationError,
  SettingError,
} from '../errors/settings.ts';
import type { Session } from '../session.ts';
import { describe } from '../settings/resolve.ts';
import { createPostPresigner } from '../sign/presign-post.ts';
import { createPresigner, type UrlRequest } from '../sign/presign-url.ts';
import { createDirectoryKeys, type SignerSession } from './directory-keys.ts';
import { isAccessPoint, isDirectoryBucket, toAddress } from './special-bucket.ts';

/** Every grant: for one key, and for how long. */
type Grant = {
  readonly key: string;
  /**
   * Default 3600, as in boto3; at most 604 800. The URL dies earlier when the credentials do: see
   * `expiresAtOf`.
   */
  readonly expiresInSeconds?: number;
};

/** Signed into the query of a URL, so that its holder need not send it. */
type BucketGrant = {
  /** `requester`: whoever signs pays, as the buckets of some owners demand. */
  readonly requestPayer?: 'requester';
  /** The account that has to own the bucket. */
  readonly expectedBucketOwner?: string;
};

/** A download. */
export type GetGrant = Grant &
  BucketGrant & {
    readonly versionId?: string;
    readonly responseContentType?: string;
    readonly responseContentDisposition?: string;
  };

/**
 * An upload by PUT. Whatever is set is signed: the client must send exactly that header, and S3 refuses any
 * other.
 */
export type PutGrant = Grant &
  BucketGrant & {
    readonly contentType?: string;
    readonly contentLength?: number;
    /** Base64 of the SHA-256 of the bytes. */
    readonly checksumSha256?: string;
    /** `*`: only if there is no such object yet. */
    readonly ifNoneMatch?: '*';
    readonly metadata?: Readonly<Record<string, string>>;
  };

/** An upload of one part of a multipart upload. */
export type PartGrant = Grant &
  BucketGrant & {
    readonly uploadId: string;
    readonly partNumber: number;
    readonly contentLength?: number;
  };

/** An upload by HTML form. */
export type PostGrant = Grant & {
  readonly contentType?: string;
  /** Default: any size that one POST can have. */
  readonly contentLengthRange?: { readonly min: number; readonly max: number };
  readonly fields?: Readonly<Record<string, string>>;
};

/** What boto3's `generate_presigned_post` gives: post `fields` and then the file to `url`. */
export type PresignedForm = {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
};

/** Signs grants for one bucket. */
export type BucketSigner = {
  readonly get: (grant: GetGrant) => Promise<string>;
  readonly put: (grant: PutGrant) => Promise<string>;
  readonly part: (grant: PartGrant) => Promise<string>;
  readonly post: (grant: PostGrant) => Promise<PresignedForm>;
};

const MAX_POST_BYTES = 5 * 2 ** 30;

/**
 * A signer for one bucket, or the ARN or alias of an access point, with the keys of a session, renewed as
 * needed. Sends nothing anywhere, except for a directory bucket: its URLs are signed with the keys of a
 * session with it (CreateSession), and live no longer than these, four to five minutes.
 *
 * Throws `NoRegionError`, `ParamValidationError` for what is no name of a bucket, and `SettingError` for
 * settings that exclude each other, and for a session that signs nothing (`unsigned`). Its methods throw
 * `ParamValidationError` for a grant that could not work and `ExpiredCredentialsError` when the keys are past
 * their end.
 */
export function createBucketSigner(
  session: SignerSession,
  bucket: string,
  now: () => Date = () => new Date(),
): BucketSigner {
  const { region, unsigned } = session.settings.values;
  if (unsigned) {
    const source = describe(session.settings.sources.unsigned);
    throw new SettingError({
      setting: 'unsigned',
      value: 'true',
      source,
      allowed: 'false, since a URL or a form is signed; what is open to everybody needs neither',
    });
  }
  if (region === undefined) throw new NoRegionError({ message: 'no region to sign for' });
  const hasSession = isDirectoryBucket(bucket) && !session.settings.values.disableExpressSessionAuth;
  const readKeys = hasSession ? createDirectoryKeys(session, bucket) : () => session.credentials();
  const [urls, forms] = refusing(() => {
    const address = toAddress(session.settings, region, bucket);
    const named = hasSession ? { ...address, tokenName: 'X-Amz-S3session-Token' as const } : address;
    return [createPresigner(named), createPostPresigner(named)];
  });
  const sign = async <T>(run: (keys: Awaited<ReturnType<Session['credentials']>>) => T): Promise<T> => {
    const keys = await readKeys();
    return refusing(() => run(keys));
  };
  const toUrl = (request: Omit<UrlRequest, 'signedAt'>) =>
    sign((keys) => urls.presignUrl(keys, { ...request, signedAt: now() }).url);

  return {
    get: ({
      key,
      expiresInSeconds = 3600,
      versionId,
      responseContentType,
      responseContentDisposition,
      ...bucketGrant
    }) =>
      toUrl({
        method: 'GET',
        key,
        expiresInSeconds,
        query: defined({
          ...toQuery(bucketGrant),
          versionId,
          'response-content-type': responseContentType,
          'response-content-disposition': responseContentDisposition,
        }),
      }),
    put: ({
      key,
      expiresInSeconds = 3600,
      contentType,
      contentLength,
      checksumSha256,
      ifNoneMatch,
      metadata = {},
      ...bucketGrant
    }) =>
      toUrl({
        method: 'PUT',
        key,
        expiresInSeconds,
        query: defined(toQuery(bucketGrant)),
        headers: defined({
          'content-type': contentType,
          'content-length': contentLength?.toString(),
          'x-amz-checksum-sha256': checksumSha256,
          'if-none-match': ifNoneMatch,
          ...Object.fromEntries(
            Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
          ),
        }),
      }),
    part: ({ key, expiresInSeconds = 3600, uploadId, partNumber, contentLength, ...bucketGrant }) =>
      toUrl({
        method: 'PUT',
        key,
        expiresInSeconds,
        headers: defined({ 'content-length': contentLength?.toString() }),
        query: defined({ ...toQuery(bucketGrant), partNumber: String(partNumber), uploadId }),
      }),
    async post({ expiresInSeconds = 3600, contentLengthRange = { min: 0, max: MAX_POST_BYTES }, ...grant }) {
      if (isAccessPoint(bucket) || isDirectoryBucket(bucket))
        throw new ParamValidationError({ message: `S3 accepts no forms for ${bucket}: sign a PUT instead` });
      const request = { ...grant, expiresInSeconds, contentLengthRange };
      const { url, fields } = await sign((keys) => forms.presignPost(keys, { ...request, signedAt: now() }));
      // The URL names the bucket; boto3 does not repeat it in the form.
      const { bucket: _inUrl, ...sent } = fields;
      return { url, fields: sent };
    },
  };
}

/**
 * When S3 stops taking a URL or form: what was asked for, or the end of the keys that signed it, whichever
 * comes first.
 */
export function expiresAtOf(signed: string | PresignedForm): Date {
  if (typeof signed !== 'string') {
    const policy: unknown = JSON.parse(Buffer.from(signed.fields.Policy ?? '', 'base64').toString());
    const expiration =
      typeof policy === 'object' && policy !== null && 'expiration' in policy ? policy.expiration : '';
    return new Date(String(expiration));
  }
  const { searchParams } = new URL(signed);
  const signedAt = (searchParams.get('X-Amz-Date') ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  return new Date(Date.parse(signedAt) + Number(searchParams.get('X-Amz-Expires')) * 1000);
}

function toQuery({ requestPayer, expectedBucketOwner }: BucketGrant) {
  return {
    'x-amz-request-payer': requestPayer,
    'x-amz-expected-bucket-owner': expectedBucketOwner,
  };
}

function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof RangeError) return new ParamValidationError({ message: error.message, cause: error });
  if (error instanceof Error && error.name === 'CredentialsExpiredError') {
    return new ExpiredCredentialsError({ message: error.message, cause: error });
  }
  return error;
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
