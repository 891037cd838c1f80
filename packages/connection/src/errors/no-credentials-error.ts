import { ConnectionError } from './connection-error.ts';

/** No source of credentials gave any (boto3: `NoCredentialsError`), or the one that should have failed. */
export class NoCredentialsError extends ConnectionError {
  override readonly name = 'NoCredentialsError';
  override readonly code = 'no-credentials';
  override readonly retryable = false;
}
