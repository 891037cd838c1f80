import { ConnectionError } from './connection-error.ts';

/** The bucket lives in another region than the client was made for (301, or a signature for the wrong region). */
export class WrongRegionError extends ConnectionError {
  override readonly name = 'WrongRegionError';
  override readonly code = 'wrong-region';
  override readonly retryable = false;
}
