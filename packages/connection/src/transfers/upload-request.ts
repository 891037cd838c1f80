import type { S3Client } from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm } from './checksum-algorithms.ts';
import type { TransferOptions } from './options.ts';
import type { ObjectParams } from './params.ts';

/** One upload. */
export type UploadRequest = TransferOptions & {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly params?: ObjectParams;
  /**
   * By what S3 is to check the bytes, and to keep with the object. Default CRC32, and none for stores that
   * want none (`requestChecksumCalculation`).
   */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  /** When it fails: `abort` (default) leaves nothing behind, `keep` leaves the parts to be resumed. */
  readonly onFailure?: 'abort' | 'keep';
  /**
   * The upload id of an `UploadFailedError` to go on with. Needs the same bytes and part size; parts that
   * differ are sent again.
   */
  readonly resume?: string;
  /**
   * Told the upload id before any part is sent, so that it outlives a process that dies. What it throws ends
   * the upload.
   */
  readonly onBegun?: (uploadId: string) => void | Promise<void>;
};

/** What came of an upload. */
export type UploadResult = {
  /** With quotes; empty where the store gives none for a plain PUT. */
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
  /** 1 for a plain PUT. */
  readonly parts: number;
};
