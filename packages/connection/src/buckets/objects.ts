import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ServiceError } from '../errors/service.ts';
import { markerIfTruncated, readPages } from '../pages.ts';
import { type BucketParams, toBucketInput } from '../transfers/params.ts';

/** One line of a listing. */
export type Listed =
  | {
      readonly kind: 'object';
      readonly key: string;
      readonly bytes: number;
      readonly modifiedAt: Date | undefined;
    }
  /** What a folder is in S3: the start that several keys share, up to the delimiter. */
  | { readonly kind: 'prefix'; readonly prefix: string };

/** What to list. */
export type ListRequest = {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix?: string;
  /** `/` to see folders instead of what is in them. */
  readonly delimiter?: string;
  /** Who pays, and whose the bucket has to be. */
  readonly params?: BucketParams;
  readonly signal?: AbortSignal;
};

/** Lists a bucket page by page, in the order of keys (UTF-8), for as long as it is read. */
export async function* listObjects({
  client,
  bucket,
  prefix,
  delimiter,
  params = {},
  signal,
}: ListRequest): AsyncGenerator<Listed> {
  const input = {
    ...toBucketInput(params),
    Bucket: bucket,
    Prefix: prefix,
    Delimiter: delimiter,
    EncodingType: 'url' as const,
  };
  const call = signal ? { abortSignal: signal } : {};
  try {
    const pages = readPages<ListObjectsV2CommandOutput>(
      (marker) =>
        client.send(
          new ListObjectsV2Command({ ...input, ...(marker && { ContinuationToken: marker }) }),
          call,
        ),
      ({ IsTruncated, NextContinuationToken }) => markerIfTruncated(IsTruncated, NextContinuationToken),
      signal,
    );
    for await (const page of pages) {
      const decode = keyDecoder(page);
      for (const { Prefix } of page.CommonPrefixes ?? [])
        if (Prefix) yield { kind: 'prefix', prefix: decode(Prefix) };
      for (const { Key, Size = 0, LastModified } of page.Contents ?? []) {
        if (Key) yield { kind: 'object', key: decode(Key), bytes: Size, modifiedAt: LastModified };
      }
    }
  } catch (error) {
    throw classify(error);
  }
}

/**
 * How the keys of a page are to be read. Lists are asked for with encoded keys, as boto3 does: XML has no way
 * to write most control characters. A store that does not encode does not say that it did.
 */
export function keyDecoder({ EncodingType }: { readonly EncodingType?: string | undefined }) {
  return (key: string): string => {
    if (EncodingType?.toLowerCase() !== 'url') return key;
    try {
      return decodeURIComponent(key.replaceAll('+', ' '));
    } catch {
      return key;
    }
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot carry, or would change.
const NOT_FOR_XML = /[\u0000-\u001f\u007f\ufffe\uffff]/;

/** The most objects that one call deletes. */
export const DELETE_BATCH = 1_000;

/**
 * Deletes up to 1 000 objects, or versions of them, in one call; those whose key XML cannot carry in one call
 * each. Keys that do not exist count as deleted. The call may be a success and still leave some: then a
 * `ServiceError` names the first.
 */
export async function deleteObjects(
  client: S3Client,
  bucket: string,
  objects: ObjectIdentifier[],
  params: BucketParams = {},
): Promise<void> {
  const access = toBucketInput(params);
  const plain = objects.filter(({ Key = '' }) => !NOT_FOR_XML.test(Key));
  try {
    for (const object of objects) {
      if (NOT_FOR_XML.test(object.Key ?? ''))
        await client.send(new DeleteObjectCommand({ ...access, Bucket: bucket, ...object }));
    }
    if (plain.length === 0) return;
    const { Errors: [first] = [] } = await client.send(
      new DeleteObjectsCommand({ ...access, Bucket: bucket, Delete: { Objects: plain, Quiet: true } }),
    );
    if (first === undefined) return;
    throw new ServiceError({
      message: `${first.Key} was not deleted: ${first.Message}`,
      serviceCode: first.Code,
    });
  } catch (error) {
    throw classify(error);
  }
}
