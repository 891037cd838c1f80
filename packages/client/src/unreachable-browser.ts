import { NetworkError } from './errors.ts';

/** What became of a connection. A browser tells no script why it failed. */
export function toNetworkError(doing: string, thrown: unknown): NetworkError {
  return new NetworkError(`${doing}.`, { cause: thrown });
}
