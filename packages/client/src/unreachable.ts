import { NetworkError } from './errors.ts';

// Certificates do not mend themselves between two attempts.
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO)/;

/**
 * What became of a connection, from whatever was thrown. fetch says "fetch failed" and hides why in the
 * cause.
 */
export function toNetworkError(doing: string, thrown: unknown): NetworkError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const why = codeOf(cause) ?? (cause instanceof Error && cause.message !== '' ? cause.message : undefined);
  return new NetworkError(why === undefined ? `${doing}.` : `${doing} (${why}).`, {
    cause: thrown,
    retryable: !TLS.test(why ?? ''),
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
