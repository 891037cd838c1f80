import { ConnectionError } from './connection-error.ts';

/**
 * This machine's clock is too far from the service's (15 minutes for S3). The SDK corrects its clock and tries again by itself,
 * so seeing this means that the correction did not help either.
 */
export class ClockSkewError extends ConnectionError {
  override readonly name = 'ClockSkewError';
  override readonly code = 'clock-skew';
  override readonly retryable = false;
}
