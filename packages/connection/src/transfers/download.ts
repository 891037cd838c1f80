import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { withClientOptions } from './client-options.ts';
import type { TransferOptions } from './options.ts';
import type { ReadParams } from './params.ts';
import { streamObject } from './read-ahead.ts';
import { toRemote } from './s3-object.ts';
import { findTarget, type SaveOptions, saveObject } from './save.ts';
import { describeSource, type ObjectName, type SourceObject } from './source-object.ts';

/** One download. */
export type DownloadRequest = TransferOptions &
  ObjectName & {
    readonly client: S3Client;
    /**
     * Who pays, whose the bucket has to be, and the key of an object that has one of its own (boto3:
     * `ExtraArgs`).
     */
    readonly params?: ReadParams;
    /**
     * Whether ranges are read from sockets of their own, past Node's HTTP client. Default true, where there
     * is no proxy. It takes two thirds of the time and half of the memory of the ordinary way, which `false`
     * is: `node bench/transfer.ts` measures both.
     */
    readonly ownSockets?: boolean;
  };

/** A download into a file. */
export type FileDownloadRequest = DownloadRequest & SaveOptions & { readonly path: string };

/** What came of a download. */
export type DownloadResult = {
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
  readonly contentType: string | undefined;
  /** The checksum that the bytes were compared with; undefined when S3 keeps none. */
  readonly verifiedBy: string | undefined;
};

/**
 * Downloads into a file, as `saveObject` does, compared with the checksum that S3 keeps; the object must stay
 * the same meanwhile (`If-Match`). Where there is a device or a pipe in place of a file, the bytes are
 * written to it in order.
 */
export async function downloadFile(request: FileDownloadRequest): Promise<DownloadResult> {
  const { client, signal, params } = request;
  try {
    const target = await findTarget(request.path);
    const source = await describeSource(client, request, signal, params);
    await saveObject(toRemote(client, source, request), target, withClientOptions(client, request));
    return toResult(source);
  } catch (error) {
    throw classify(error);
  }
}

/** Opens an object as `streamObject` does, compared with the checksum that S3 keeps. */
export async function downloadStream(
  request: DownloadRequest,
): Promise<DownloadResult & { readonly body: Readable }> {
  const { client, signal, params } = request;
  try {
    const source = await describeSource(client, request, signal, params);
    return {
      ...toResult(source),
      body: streamObject(toRemote(client, source, request), withClientOptions(client, request)),
    };
  } catch (error) {
    throw classify(error);
  }
}

function toResult({ etag, bytes, checksum, head }: SourceObject): DownloadResult {
  return {
    etag,
    versionId: head.VersionId,
    bytes,
    contentType: head.ContentType,
    verifiedBy: checksum?.algorithm,
  };
}
