import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { Refusal } from '../refusals.ts';
import { toTenant } from '../upload/tenant.ts';
import type { Caller } from '../upload/upload.ts';

/**
 * Who calls, by the token that API Gateway has verified; nothing else in the request is asked.
 * Refuses `tenant_missing` when the token lacks the claim that names the tenant.
 */
export const callerOf = (event: APIGatewayProxyEventV2WithJWTAuthorizer, tenantClaim: string): Caller => {
  const { claims } = event.requestContext.authorizer.jwt;
  const subject = claims.sub;
  const tenant = claims[tenantClaim];
  if (typeof subject !== 'string' || subject === '' || typeof tenant !== 'string' || tenant === '') {
    throw new Refusal('tenant_missing');
  }
  return { tenant: toTenant(tenant), subject };
};
