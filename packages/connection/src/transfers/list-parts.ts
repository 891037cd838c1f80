import {
  ListPartsCommand,
  type ListPartsCommandInput,
  type ListPartsCommandOutput,
  type Part,
  type S3Client,
} from '@aws-sdk/client-s3';
import { markerIfTruncated, readPages } from '../pages.ts';

/**
 * Lists the parts that S3 holds of a multipart upload, in order. What S3 answers instead is thrown as it
 * came.
 */
export async function* listParts(
  client: S3Client,
  upload: Omit<ListPartsCommandInput, 'PartNumberMarker'>,
  signal?: AbortSignal,
): AsyncGenerator<Part> {
  const call = signal ? { abortSignal: signal } : {};
  const pages = readPages<ListPartsCommandOutput>(
    (marker) =>
      client.send(new ListPartsCommand({ ...upload, ...(marker && { PartNumberMarker: marker }) }), call),
    ({ IsTruncated, NextPartNumberMarker }) => markerIfTruncated(IsTruncated, NextPartNumberMarker),
    signal,
  );
  for await (const { Parts = [] } of pages) yield* Parts;
}
