import { Refusal } from '@sluice/contract/refusals';
import type { Owner } from '@sluice/contract/upload';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { toTenant } from '../upload/tenant.ts';

/**
 * The caller, by the token that API Gateway has verified; nothing else in the request counts.
 * Refuses `tenant_missing` if `sub`, or the claim that names the tenant, is absent or not one text.
 */
export function callerOf(event: APIGatewayProxyEventV2WithJWTAuthorizer, tenantClaim: string): Owner {
  const { claims } = event.requestContext.authorizer.jwt;
  return { tenant: toTenant(textOf(claims, tenantClaim)), subject: textOf(claims, 'sub') };
}

// API Gateway passes on a claim that is a list or an object as text: ["a", "b"] and ["a b"] are both `[a b]`.
const FLATTENED = /^(?:map)?\[.*\]$/s;

/** Beyond this, a key of the ledger would be longer than DynamoDB allows. */
const MAX_CLAIM_BYTES = 1_024;

function textOf(claims: Readonly<Record<string, unknown>>, name: string): string {
  const value = claims[name];
  // Half a surrogate pair has no UTF-8: hashed or stored, all callers with one would be the same.
  if (typeof value === 'string' && value !== '' && value.isWellFormed() && !FLATTENED.test(value)) {
    if (Buffer.byteLength(value) <= MAX_CLAIM_BYTES) return value;
  }
  throw new Refusal('tenant_missing');
}
