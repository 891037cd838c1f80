import { classify } from './classify.ts';
import { type ConnectionError, UnexpectedError } from './errors/connection-error.ts';
import { ExpiredCredentialsError, NoCredentialsError } from './errors/settings.ts';
import { byNodeCode } from './taxonomy.ts';

/** How the SDK's providers say that somebody has to log in again. */
const ENDED = /expired|re-?authenticate|is invalid|UnauthorizedException|Failed to load/i;

/**
 * Why a source of keys gave none. The providers of the SDK put whatever happened into words, so it is read
 * from them; what is still unknown then is the source's failure, never one of this layer.
 */
export function toKeyFailure(error: unknown): ConnectionError {
  const known = classify(error);
  const isVague = known instanceof NoCredentialsError || known instanceof UnexpectedError;
  if (known === error || !isVague) return known;
  const { message } = known;
  const code = /\bE[A-Z_]{3,}\b/.exec(message)?.[0] ?? '';
  const Class = byNodeCode.get(code) ?? (ENDED.test(message) ? ExpiredCredentialsError : NoCredentialsError);
  return new Class({ message: `no keys: ${message}`, cause: error });
}
