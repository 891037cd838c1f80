import type { Audiences } from '../caller/claims.ts';
import { createKeys, getJson } from '../caller/keys.ts';
import { logger } from '../log/logger.ts';
import type { Environment } from '../settings.ts';

/** The claim of a token that names the tenant. */
export function tenantClaim(environment: Environment) {
  return environment.text('TENANT_CLAIM');
}

/** Whose tokens are taken, as they have it in `iss`. */
export function issuer(environment: Environment) {
  return environment.text('TOKEN_ISSUER');
}

/** How tokens of users are told from those of services. */
export function audiences(environment: Environment): Audiences {
  const user = environment.text('TOKEN_AUDIENCE');
  if (environment.optional('USER_POOL_ID') !== undefined) return { kind: 'pool', userClient: user };
  const service = environment.optional('SERVICE_AUDIENCE');
  return { kind: 'issuer', user, ...(service !== undefined && { service }) };
}

/** The keys that tokens are verified with. */
export function issuerKeys(environment: Environment) {
  const named = issuer(environment);
  const pool = environment.optional('USER_POOL_ID');
  const { endpoint } = environment.connection().values;
  // The pool's tokens name AWS as their issuer wherever the pool is: on the local stack its keys are there.
  const base = endpoint === undefined ? named : `${endpoint.replace(/\/+$/, '')}/${pool}`;
  return createKeys({
    issuer: named,
    ...(pool !== undefined && { address: `${base}/.well-known/jwks.json` }),
    get: getJson,
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the issuer not read', { error }),
  });
}
