import { ConnectionError } from './connection-error.ts';

/**
 * The service failed (500, 502, 503, 504), or gave up waiting for our bytes (`RequestTimeout`). Includes the 200 whose body is an
 * error, which `CopyObject` and `CompleteMultipartUpload` may send: never a success.
 */
export class ServiceUnavailableError extends ConnectionError {
  override readonly name = 'ServiceUnavailableError';
  override readonly code = 'service-unavailable';
  override readonly retryable = true;
}
