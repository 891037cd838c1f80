import { parseClamdAddress } from '../clamav/address.ts';
import { createClamd } from '../clamav/clamd.ts';
import type { Environment } from '../settings.ts';

// Where the clamd of the container listens (containers/clamav/clamd.conf).
const IN_THE_CONTAINER = '/tmp/clamd.sock';

/** The clamd that scans: the one beside the function, unless the deployment names another. */
export function clamd(environment: Environment) {
  return createClamd(parseClamdAddress(environment.optional('CLAMD_ADDRESS') ?? IN_THE_CONTAINER));
}
