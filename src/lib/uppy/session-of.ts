import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { callerOf } from '../http/caller.ts';
import type { UploadSession } from './session.ts';
import type { SessionKeys } from './session-keys.ts';

/**
 * A call from Uppy, identified by the session token in its path, or by the bearer token that API Gateway has
 * verified.
 */
export type UppyEvent = APIGatewayProxyEventV2 | APIGatewayProxyEventV2WithJWTAuthorizer;

export type SessionSource = {
  readonly keys: SessionKeys;
  readonly tenantClaim: string;
  readonly now: () => number;
};

/**
 * The session that a call belongs to. A bearer token adds no limits to the policies' own.
 * Refuses `session_invalid`, `session_expired`, `tenant_missing`.
 */
export async function sessionOf(
  event: UppyEvent,
  { keys, tenantClaim, now }: SessionSource,
): Promise<UploadSession> {
  const token = event.pathParameters?.token;
  // A route without a token in its path has an authorizer: API Gateway lets only verified callers through.
  if (token === undefined && isSignedIn(event)) return { caller: callerOf(event, tenantClaim) };
  return (await keys.tokens(token)).read(token ?? '', now());
}

function isSignedIn(event: UppyEvent): event is APIGatewayProxyEventV2WithJWTAuthorizer {
  return 'authorizer' in event.requestContext;
}
