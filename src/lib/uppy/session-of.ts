import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { refuseEnded } from '../grant/check.ts';
import type { Grants, UploadGrant } from '../grant/grant.ts';
import { readGrantOf, toGrantee } from '../grant/read.ts';
import { type GrantTokens, isGrantToken } from '../grant/token.ts';
import type { TokenKeys } from '../grant/token-keys.ts';
import { callerOf } from '../http/caller.ts';
import { toUser } from '../upload/access.ts';
import type { UploadSession } from './session.ts';
import type { SessionKeys } from './session-keys.ts';

export type SessionSource = {
  readonly grants: Pick<Grants, 'read'>;
  readonly grantKeys: TokenKeys<GrantTokens>;
  /** of the sessions from before grants, which are good until they end */
  readonly keys: SessionKeys;
  readonly now: () => number;
};

/**
 * The session that a call from Uppy belongs to: that of the token in its path, or one without limits of its
 * own for a caller that the authorizer knows. Refuses `session_invalid`, `session_expired`, `grant_revoked`,
 * what callerOf refuses.
 */
export async function sessionOf(
  event: APIGatewayProxyEventV2,
  { grants, grantKeys, keys, now }: SessionSource,
): Promise<UploadSession> {
  const token = event.pathParameters?.token;
  // A route without a token in its path has the authorizer; one that had neither would let nobody in.
  if (token === undefined) {
    const caller = await callerOf(event, { user: true, grant: grants }, now());
    return caller.kind === 'grant' ? toSession(caller.grant) : { caller };
  }
  if (!isGrantToken(token)) return (await keys.tokens(token)).read(token, now());
  const grant = await readGrantOf(grants, (await grantKeys.tokens(token)).read(token, now()));
  refuseEnded(grant, now());
  return toSession(grant);
}

/**
 * A person who made a grant for themself goes on under it with what they began before; whoever got a grant
 * from a service reaches only what was begun under that.
 */
function toSession(grant: UploadGrant): UploadSession {
  const { policy, expiresAt, createdBy } = grant;
  return {
    caller: createdBy.kind === 'user' ? toUser(grant) : toGrantee(grant),
    ...(policy !== undefined && { policy }),
    expiresAt,
    grant,
  };
}
