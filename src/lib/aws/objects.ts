import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createHasher } from '../connection/transfers/hasher.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '../upload/checksum.ts';
import { ObjectChanged, type ObjectFacts, type Objects, type Place, ShortAnswer } from '../upload/ports.ts';
import { type ChecksumFields, toChecksums } from './checksum-fields.ts';
import { statusOf } from './failures.ts';
import { copyByParts, WHOLE_COPY_MAX_BYTES } from './part-copy.ts';

/** What S3 says of a copy, made in one go or of parts. */
type CopyAnswer = ChecksumFields & {
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ServerSideEncryption?: string | undefined;
};

/** The buckets a function knows. An operation on another is a bug in its wiring. */
export type Buckets = Readonly<Partial<Record<Place, string>>>;

/**
 * The three buckets on S3. Reads and copies are pinned to the ETag that was judged, so that bytes that arrive later
 * are never taken for those that were verified.
 */
export const createObjects = (s3: S3Client, buckets: Buckets): Objects => {
  const open = async (
    key: string,
    { etag }: ObjectFacts,
    signal: AbortSignal,
    range?: string,
  ): Promise<{ readonly body: Readable; readonly from: number }> => {
    const { Body, ContentRange } = await pinned('reading', () =>
      s3.send(
        new GetObjectCommand({
          Bucket: buckets.incoming,
          Key: key,
          IfMatch: etag,
          ...(range && { Range: range }),
        }),
        { abortSignal: signal },
      ),
    );
    return {
      body: Body as Readable, // always a stream of Node's in Node: the type also covers browsers
      from: Number(/^bytes (\d+)-/.exec(ContentRange ?? '')?.[1] ?? 0),
    };
  };

  const copyWhole = async (
    { key, facts }: { readonly key: string; readonly facts: ObjectFacts },
    target: CreateMultipartUploadCommandInput,
    signal: AbortSignal,
  ) => {
    const { CopyObjectResult, ServerSideEncryption } = await s3.send(
      new CopyObjectCommand({
        ...target,
        CopySource: `${buckets.incoming}/${encodeURIComponent(key)}`,
        CopySourceIfMatch: facts.etag,
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
      }),
      { abortSignal: signal },
    );
    return { ...CopyObjectResult, ServerSideEncryption };
  };

  return {
    async facts(place, key) {
      try {
        return toFacts(
          await s3.send(new HeadObjectCommand({ Bucket: buckets[place], Key: key, ChecksumMode: 'ENABLED' })),
        );
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    },

    async readRange(key, facts, { start, length }, signal) {
      const wanted = Math.max(0, Math.min(length, facts.size - start));
      if (wanted === 0) return new Uint8Array();
      const range = `bytes=${start}-${start + wanted - 1}`;
      const { body, from } = await open(key, facts, signal, range);
      const chunks: Buffer[] = [];
      // A store that ignores Range sends the whole object: pass over what comes before, and hang up after.
      let skip = start - from;
      let read = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const kept = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - kept.length;
        chunks.push(kept);
        read += kept.length;
        if (read >= wanted) break;
      }
      // Judging less than was asked for would take a dishonest file for an honest short one.
      if (read < wanted) throw new ShortAnswer(read, wanted);
      return Buffer.concat(chunks).subarray(0, wanted);
    },

    async hash(key, facts, algorithm, signal) {
      // The SDK has our names of the algorithms in capitals; TypeScript does not follow toUpperCase.
      const hasher = createHasher(algorithm.toUpperCase() as Uppercase<ChecksumAlgorithm>);
      let read = 0;
      for await (const chunk of (await open(key, facts, signal)).body) {
        hasher.update(chunk);
        read += chunk.length;
      }
      if (read !== facts.size) throw new ShortAnswer(read, facts.size);
      return { algorithm, value: Buffer.from(await hasher.digest()).toString('base64') };
    },

    async copy(from, to, signal) {
      const target = {
        Bucket: buckets[to.place] ?? '',
        Key: to.key,
        ContentType: to.headers.contentType,
        ContentDisposition: to.headers.contentDisposition,
        Metadata: to.headers.metadata,
      };
      const copied = await pinned<CopyAnswer>('copying', () =>
        from.facts.size > WHOLE_COPY_MAX_BYTES
          ? copyByParts(s3, { source: { bucket: buckets.incoming ?? '', ...from }, target }, signal)
          : copyWhole(from, target, signal),
      );
      // Some S3-compatible stores ignore the condition, so the copy itself is asked.
      const hasDigestETag = copied.ServerSideEncryption?.startsWith('aws:kms') !== true;
      if (isOther(from.facts, toFacts(copied), hasDigestETag)) throw new ObjectChanged('being copied');
    },

    async remove(place, key) {
      await s3.send(new DeleteObjectCommand({ Bucket: buckets[place], Key: key }));
    },
  };
};

const toFacts = (
  head: CopyAnswer & {
    readonly ContentLength?: number | undefined;
    readonly ContentEncoding?: string | undefined;
  },
): ObjectFacts => ({
  size: head.ContentLength ?? 0,
  etag: head.ETag ?? '',
  modifiedAt: head.LastModified?.getTime() ?? 0,
  ...(head.ContentEncoding && { contentEncoding: head.ContentEncoding }),
  checksums: Object.fromEntries(toChecksums(head).map(({ algorithm, value }) => [algorithm, value])),
});

/**
 * True when a copy shows that it is not of the original. A checksum that both have decides; ETags only count where
 * both are digests of the bytes, which those of multipart uploads ("…-<parts>") and of objects under KMS are not.
 */
const isOther = (original: ObjectFacts, copy: ObjectFacts, hasDigestETag: boolean): boolean => {
  const shared = CHECKSUM_ALGORITHMS.filter((name) => original.checksums[name] && copy.checksums[name]);
  if (shared.length > 0) return shared.some((name) => original.checksums[name] !== copy.checksums[name]);
  return (
    hasDigestETag && !original.etag.includes('-') && !copy.etag.includes('-') && original.etag !== copy.etag
  );
};

const pinned = async <Output>(doing: string, call: () => Promise<Output>): Promise<Output> => {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) === 412 || statusOf(error) === 404) throw new ObjectChanged(doing);
    throw error;
  }
};
