import { ConnectionError } from './connection-error.ts';

/** The named profile is in neither shared file (boto3: `ProfileNotFound`). */
export class ProfileNotFoundError extends ConnectionError {
  override readonly name = 'ProfileNotFoundError';
  override readonly code = 'profile-not-found';
  override readonly retryable = false;
}
