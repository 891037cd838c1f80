import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import type { Session, SessionTokens } from '../uppy/session.ts';
import { callerOf } from './caller.ts';

/** A call of Uppy's: known by the session token in its path, or by the bearer token that API Gateway has verified. */
export type UppyEvent = APIGatewayProxyEventV2 | APIGatewayProxyEventV2WithJWTAuthorizer;

export type SessionSource = {
  readonly tokens: SessionTokens;
  readonly tenantClaim: string;
  readonly now: () => number;
};

/**
 * The session that a call belongs to. A bearer token brings no limits beyond the policies' own.
 * Refuses `session_invalid`, `session_expired`, `tenant_missing`.
 */
export const sessionOf = (event: UppyEvent, { tokens, tenantClaim, now }: SessionSource): Session => {
  const token = event.pathParameters?.token;
  // A route without a token has an authorizer: API Gateway lets nobody through to it unverified.
  return token === undefined && isSignedIn(event)
    ? { caller: callerOf(event, tenantClaim) }
    : tokens.read(token ?? '', now());
};

const isSignedIn = (event: UppyEvent): event is APIGatewayProxyEventV2WithJWTAuthorizer =>
  'authorizer' in event.requestContext;
