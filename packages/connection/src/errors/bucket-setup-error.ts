import { ConnectionError } from './connection-error.ts';

/** What of a bucket could not be set up, or not be read before, and why. */
export type FailedAspect = {
  readonly aspect: string;
  readonly error: ConnectionError;
};

/** How far the set-up of a bucket came. */
export type FailedSetup = {
  readonly bucket: string;
  /** At least one. */
  readonly failed: readonly [FailedAspect, ...FailedAspect[]];
  readonly done: readonly string[];
  /** What was left when there was no answer any more. */
  readonly untried: readonly string[];
};

/** A bucket is there, and lacks some of what it was to have. Its verdict on retrying is that of the first cause. */
export class BucketSetupError extends ConnectionError {
  override readonly name = 'BucketSetupError';
  override readonly code = 'bucket-setup';
  override readonly retryable: boolean;
  readonly bucket: string;
  readonly failed: readonly FailedAspect[];

  constructor({ bucket, failed, done, untried }: FailedSetup) {
    const cause = failed[0].error;
    const { httpStatus, requestId, serviceCode } = cause;
    const reasons = failed.map(({ aspect, error }) => `${aspect} failed (${error.message})`);
    const parts = [
      `s3://${bucket} is there, but not as it was to be: ${reasons.join('; ')}`,
      ...(done.length > 0 ? [`done: ${done.join(', ')}`] : []),
      ...(untried.length > 0 ? [`not tried: ${untried.join(', ')}`] : []),
    ];
    super({ message: parts.join('; '), cause, httpStatus, requestId, serviceCode });
    this.retryable = cause.retryable;
    this.bucket = bucket;
    this.failed = failed;
  }
}
