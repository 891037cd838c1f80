import type { Problem } from './problem.ts';
import type { Upload } from './resource.ts';

/**
 * Whatever this client rejects with, apart from two: an aborted call rejects with its signal's own reason,
 * and a mistake in the calling code is a TypeError.
 */
export abstract class SluiceError extends Error {
  /** written out in each class: minified classes have other names */
  abstract override readonly name: string;
  /** whether the same call may do better later; calls that are retryable have been repeated already */
  abstract readonly retryable: boolean;
  /** seconds that the other side asked to wait */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { retryAfterSeconds, ...options }: ErrorOptions & RetryAfter = {}) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

type RetryAfter = { readonly retryAfterSeconds?: number | undefined };

/** The API understood the call and said no. */
export class ProblemError extends SluiceError {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly retryable: boolean;

  constructor(problem: Problem, options: RetryAfter = {}) {
    super(problem.detail || problem.title, options);
    this.problem = problem;
    this.retryable = problem.retryable;
  }
}

/** The token was refused: missing, expired, or not meant for this API. */
export class UnauthorizedError extends SluiceError {
  override readonly name = 'UnauthorizedError';
  readonly retryable = false;
}

/** No answer came: the address is wrong, nothing listens there, or the connection broke or stood still. */
export class NetworkError extends SluiceError {
  override readonly name = 'NetworkError';
  readonly retryable: boolean;

  constructor(
    message: string,
    { retryable = true, ...options }: ErrorOptions & { readonly retryable?: boolean } = {},
  ) {
    super(message, options);
    this.retryable = retryable;
  }
}

/**
 * An answer came that is not one of Sluice's: a gateway that fails or throttles, a proxy, a wrong address.
 */
export class UnexpectedAnswerError extends SluiceError {
  override readonly name = 'UnexpectedAnswerError';
  readonly status: number;
  readonly retryable: boolean;

  constructor(status: number, message: string, options: RetryAfter = {}) {
    super(message, options);
    this.status = status;
    this.retryable = status === 429 || status >= 500;
  }
}

/** S3 did not take the bytes. `code` is S3's own, `Unknown` when its answer has none. */
export class StorageError extends SluiceError {
  override readonly name = 'StorageError';
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
    // 409 is a race of conditional writes; 400 RequestTimeout is S3's word for a connection that stood still.
    this.retryable = status >= 500 || status === 429 || status === 409 || code === 'RequestTimeout';
  }
}

/** The file could not be read, or is no longer the one whose size was declared. */
export class SourceError extends SluiceError {
  override readonly name = 'SourceError';
  readonly retryable = false;
}

/** The verdict was not in when patience ran out. Nothing is lost: ask for the upload again later. */
export class NotSettledError extends SluiceError {
  override readonly name = 'NotSettledError';
  readonly upload: Upload;
  readonly retryable = true;

  constructor(upload: Upload) {
    // Of a held one, the detail says which scanner does not answer.
    super(`The upload is still ${upload.state}. ${upload.detail ?? ''}`.trim());
    this.upload = upload;
  }
}
