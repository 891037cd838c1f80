import { ConnectionError } from './connection-error.ts';

/**
 * The session token is past its end. Refreshing credentials renew themselves before this can happen; copied ones cannot.
 */
export class ExpiredCredentialsError extends ConnectionError {
  override readonly name = 'ExpiredCredentialsError';
  override readonly code = 'expired-credentials';
  override readonly retryable = false;
}
