import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { quotedETag } from '@sluice/connection/transfers/etag';
import { listParts } from '@sluice/connection/transfers/list-parts';
import type { ChecksumAlgorithm } from '@sluice/contract/checksum';
import { Refusal } from '@sluice/contract/refusals';
import type { ArrivedPart, Multipart } from '../upload/ports.ts';
import { checksumFields, toChecksums } from './checksum-fields.ts';
import { nameOf, statusOf } from './failures.ts';

// S3's names of the algorithms with which it keeps a checksum of a whole multipart upload.
const FULL_OBJECT: Partial<Record<ChecksumAlgorithm, 'CRC32' | 'CRC32C' | 'CRC64NVME'>> = {
  crc32: 'CRC32',
  crc32c: 'CRC32C',
  crc64nvme: 'CRC64NVME',
};

/** Multipart uploads in one bucket. */
export function createMultipart(s3: S3Client, bucket: string): Multipart {
  return {
    async create({ key, contentType, checksum }) {
      const algorithm = checksum && FULL_OBJECT[checksum.algorithm];
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ContentType: contentType,
          ...(algorithm && { ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' }),
        }),
      );
      if (UploadId === undefined) throw new Error('S3 began a multipart upload without naming it');
      return UploadId;
    },

    async list({ key, uploadId }) {
      const parts: ArrivedPart[] = [];
      try {
        for await (const part of listParts(s3, { Bucket: bucket, Key: key, UploadId: uploadId })) {
          const { PartNumber = 0, Size = 0, ETag = '', ...checksums } = part;
          const [checksum] = toChecksums(checksums);
          parts.push({
            partNumber: PartNumber,
            size: Size,
            etag: quotedETag(ETag),
            ...(checksum && { checksum }),
          });
        }
      } catch (error) {
        if (isUnknown(error)) return undefined;
        throw error;
      }
      return parts;
    },

    async complete({ key, uploadId, checksum }, parts) {
      try {
        await s3.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            // The key belongs to this upload and may be filled only once, by any transport.
            IfNoneMatch: '*',
            ...(checksum &&
              FULL_OBJECT[checksum.algorithm] && {
                ...checksumFields(checksum),
                ChecksumType: 'FULL_OBJECT',
              }),
            MultipartUpload: {
              Parts: parts.map((part) => ({
                PartNumber: part.partNumber,
                ETag: part.etag,
                ...(part.checksum && checksumFields(part.checksum)),
              })),
            },
          }),
        );
      } catch (error) {
        if (nameOf(error) === 'BadDigest') throw new Refusal('multipart_checksum_mismatch');
        if (nameOf(error) === 'InvalidPart') throw new Refusal('parts_missing');
        if (nameOf(error) === 'EntityTooSmall') {
          throw new Refusal('part_size_wrong', {
            detail: 'A part other than the last is smaller than 5 MiB: send it again.',
          });
        }
        // 412: the object is there already, from a call whose reply was lost.
        if (statusOf(error) === 412) return 'made';
        // Aborted, expired or completed since its parts were listed; S3 answers NoSuchKey if the object has
        // gone since.
        if (statusOf(error) === 404) return 'gone';
        // Another completion or a removal of the same key is running.
        if (statusOf(error) === 409) return 'busy';
        throw error;
      }
      return 'made';
    },

    async abort({ key, uploadId }) {
      try {
        await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
      } catch (error) {
        if (!isUnknown(error)) throw error;
      }
    },
  };
}

function isUnknown(error: unknown): boolean {
  return nameOf(error) === 'NoSuchUpload' || statusOf(error) === 404;
}
