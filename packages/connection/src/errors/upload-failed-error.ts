import { ConnectionError } from './connection-error.ts';

/** Which upload failed, and how to take it up again. */
export type FailedUpload = {
  readonly bucket: string;
  readonly key: string;
  /** Set when parts may have arrived: pass it to `uploadFile` as `resume`, or abort it. */
  readonly uploadId: string | undefined;
  readonly cause: ConnectionError;
};

/** An upload ended without its object (boto3: `S3UploadFailedError`). Its verdict on retrying is that of its cause. */
export class UploadFailedError extends ConnectionError {
  override readonly name = 'UploadFailedError';
  override readonly code = 'upload-failed';
  override readonly retryable: boolean;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string | undefined;

  constructor({ bucket, key, uploadId, cause }: FailedUpload) {
    const { httpStatus, requestId, serviceCode } = cause;
    super({
      message: `upload of s3://${bucket}/${key} failed: ${cause.message}`,
      cause,
      httpStatus,
      requestId,
      serviceCode,
    });
    this.retryable = cause.retryable;
    this.bucket = bucket;
    this.key = key;
    this.uploadId = uploadId;
  }
}
