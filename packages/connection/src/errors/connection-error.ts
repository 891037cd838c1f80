/**
 * What is known about a failure besides its class. Every field is optional because a refused connection has
 * no status.
 */
export type Failure = {
  readonly message?: string;
  readonly cause?: unknown;
  /** Status of the HTTP answer, when there was one. */
  readonly httpStatus?: number | undefined;
  /** `x-amz-request-id` of the answer: what AWS support asks for. */
  readonly requestId?: string | undefined;
  /** The name the service gave the error, e.g. `NoSuchKey` (boto3: `e.response["Error"]["Code"]`). */
  readonly serviceCode?: string | undefined;
  /** How long the answer asked to be left alone (`x-amz-retry-after`, `retry-after`). */
  readonly retryAfterMs?: number | undefined;
};

/**
 * Any failure of a call to AWS, in one shape: HTTP answers, queue retries and logs read `code` and
 * `retryable` and nothing else. The SDK's own error is in `cause`.
 *
 * `message` may name buckets and keys: it is for logs, never for the caller of an API.
 */
export abstract class ConnectionError extends Error {
  /** Written out in every class: a minified bundle renames classes, and logs must not. */
  abstract override readonly name: string;
  /** Stable and unique to the class; safe to alarm on. */
  abstract readonly code: string;
  /** Whether the same call may succeed later, unchanged. The SDK's own attempts are already spent. */
  abstract readonly retryable: boolean;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  readonly serviceCode: string | undefined;
  /** The least to wait before the next try, where the service said so. */
  readonly retryAfterMs: number | undefined;

  constructor(failure: Failure = {}) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.httpStatus = failure.httpStatus;
    this.requestId = failure.requestId;
    this.serviceCode = failure.serviceCode;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

/** The caller's abort signal fired. Nobody waits for the answer any more, so nothing repeats it. */
export class AbortedError extends ConnectionError {
  override readonly name = 'AbortedError';
  override readonly code = 'aborted';
  override readonly retryable = false;
}

/** Nothing the taxonomy knows: most likely a bug on this side. `cause` is the whole story. */
export class UnexpectedError extends ConnectionError {
  override readonly name = 'UnexpectedError';
  override readonly code = 'unexpected';
  override readonly retryable = false;
}
