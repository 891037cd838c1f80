import type { Environment } from '../settings.ts';

/** Where clients reach the API, without a slash at its end. */
export function apiUrl(environment: Environment) {
  return environment.text('API_URL');
}
