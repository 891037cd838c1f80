import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { callerOf } from '../http/caller.ts';
import type { UploadSession } from './session.ts';
import type { SessionKeys } from './session-keys.ts';

export type SessionSource = {
  readonly keys: SessionKeys;
  readonly now: () => number;
};

/**
 * The session that a call from Uppy belongs to: that of the session token in its path, or one without limits
 * of its own for a caller that the authorizer knows. Refuses `session_invalid`, `session_expired`, what
 * callerOf refuses.
 */
export async function sessionOf(
  event: APIGatewayProxyEventV2,
  { keys, now }: SessionSource,
): Promise<UploadSession> {
  const token = event.pathParameters?.token;
  // A route without a token in its path has the authorizer; one that had neither would let nobody in.
  if (token === undefined) return { caller: callerOf(event, { user: true, grant: true }, now()) };
  return (await keys.tokens(token)).read(token, now());
}
